package io.weir.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectTransfer;
import io.weir.testing.ChildJvm;
import io.weir.testing.S3Peer;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files larger than the heap go both ways. REQUIREMENTS P7. At night the file has 2 GB. */
class LargeObjectTest {

    private static final int MEGABYTES = Integer.getInteger("weir.large.megabytes", 300);

    @TempDir
    Path directory;

    @Test
    void anObjectLargerThanTheHeapIsPutStreamedAndRead() {
        S3Peer peer = S3Peer.s3Proxy();
        try (ChildJvm child = ChildJvm.start(
                System.getProperty("java.class.path"),
                List.of(
                        "-Xmx" + Math.min(256, MEGABYTES / 3) + "m",
                        "-XX:MaxDirectMemorySize=64m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError"),
                List.of(
                        Main.class.getName(),
                        peer.endpoint().toString(),
                        peer.bucket(),
                        directory.toString(),
                        "" + MEGABYTES))) {
            assertThat(child.awaitExit()).as(child.output()).isZero();
            assertThat(child.output()).contains("whole");
        }
    }

    /** Runs in a process of its own, with less heap than the object is long. */
    static final class Main {

        private static final Duration PATIENCE = Duration.ofMinutes(10);

        private Main() {}

        public static void main(String[] arguments) throws Exception {
            S3Peer peer = new S3Peer(URI.create(arguments[0]), arguments[1]);
            Path file = Path.of(arguments[2], "large");
            long size = Long.parseLong(arguments[3]) << 20;
            fill(file, size);
            Checksum checksum = ObjectTransfer.checksum(file);
            WeirSchedulers schedulers = WeirSchedulers.forCores(2);
            try (S3ObjectStore store = new S3ObjectStore(S3Stores.settings(peer), schedulers.io())) {
                ObjectInfo streamed = store.put("streamed", ObjectTransfer.read(file, 0, size, schedulers.io()))
                        .block(PATIENCE);
                require(streamed.sizeBytes() == size, "streamed");
                require(store.put("large", file).block(PATIENCE).checksum().equals(checksum), "put");
                for (String key : new String[] {"large", "streamed"}) {
                    CRC32C crc = new CRC32C();
                    store.read(key, 0, size).doOnNext(crc::update).blockLast(PATIENCE);
                    require(Checksum.of(crc).equals(checksum), "read " + key);
                    store.remove(key).block(PATIENCE);
                }
            }
            schedulers.close();
            System.out.println("whole");
            System.exit(0);
        }

        private static void require(boolean condition, String what) {
            if (!condition) {
                throw new IllegalStateException(what + " is not what it should be");
            }
        }

        private static void fill(Path file, long size) throws Exception {
            byte[] block = new byte[1 << 20];
            Random random = new Random(size);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                for (long at = 0; at < size; at += block.length) {
                    random.nextBytes(block);
                    channel.write(ByteBuffer.wrap(block));
                }
            }
            require(Files.size(file) == size, "the file");
        }
    }
}
