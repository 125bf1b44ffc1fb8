package io.weir.storage.s3;

import io.weir.storage.object.Checksum;
import io.weir.storage.object.ObjectTransfer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.zip.CRC32C;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import software.amazon.awssdk.core.async.AsyncRequestBody;

/**
 * Bytes that are sent as one request, with the digests by which the store finds that they arrived as they were.
 *
 * @param content can be subscribed to again
 * @param md5 as the header {@code Content-MD5} has it, which every store of this kind checks
 */
record S3Body(AsyncRequestBody content, long bytes, String md5, Checksum checksum) {

    /** Those bytes of a file, read once on {@code io} for their digests and again, buffer by buffer, when they are sent. */
    static Mono<S3Body> of(Path file, long offset, long length, Scheduler io) {
        return ObjectTransfer.onDisk(() -> digested(file, offset, length, io), io);
    }

    private static S3Body digested(Path file, long offset, long length, Scheduler io) throws IOException {
        Digests digests = new Digests();
        ByteBuffer buffer = ByteBuffer.allocate(ObjectTransfer.BUFFER_BYTES);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            for (long at = offset; at < offset + length; at += buffer.limit()) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), offset + length - at));
                int read = channel.read(buffer, at);
                if (read < 0) {
                    throw new IOException(file.getFileName() + " became shorter while it was put");
                }
                digests.add(buffer.flip());
            }
        }
        AsyncRequestBody content = AsyncRequestBody.fromPublisher(ObjectTransfer.read(file, offset, length, io));
        return new S3Body(content, length, digests.md5(), digests.checksum());
    }

    /** A buffer in memory, digested on {@code io}. */
    static Mono<S3Body> of(ByteBuffer buffer, Scheduler io) {
        return Mono.fromCallable(() -> {
                    Digests digests = new Digests();
                    digests.add(buffer.duplicate());
                    return new S3Body(
                            AsyncRequestBody.fromRemainingByteBufferUnsafe(buffer),
                            buffer.remaining(),
                            digests.md5(),
                            digests.checksum());
                })
                .subscribeOn(io);
    }

    private static final class Digests {

        private final CRC32C crc = new CRC32C();
        private final MessageDigest md5;

        Digests() {
            try {
                md5 = MessageDigest.getInstance("MD5");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has MD5", e);
            }
        }

        void add(ByteBuffer bytes) {
            crc.update(bytes.duplicate());
            md5.update(bytes);
        }

        String md5() {
            return Base64.getEncoder().encodeToString(md5.digest());
        }

        Checksum checksum() {
            return Checksum.of(crc);
        }
    }
}
