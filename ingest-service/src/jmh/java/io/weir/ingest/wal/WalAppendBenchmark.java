package io.weir.ingest.wal;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.LineProtocolDecoder;
import io.weir.ingest.decode.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Nanoseconds a row to log batches of 5,000 rows with ten tags and ten counters: {@code encode} into a file that keeps
 * nothing, {@code append} durably with sixteen writers waiting for one sync, {@code copy} what the encoded bytes alone
 * cost when they are copied and summed.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WalAppendBenchmark {

    private static final int ROWS = 5_000;
    private static final int WRITERS = 16;
    private static final DatabaseId DATABASE = new DatabaseId("default", "bench");

    private final ColumnBatch batch = batch();
    private final WalBatchEncoder encoder = new WalBatchEncoder();
    private final Sink sink = new Sink();
    private final FrameOutput output = new FrameOutput(UUID.randomUUID(), 1 << 26);
    private final java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    private byte[] encoded = new byte[0];
    private byte[] copy = new byte[0];
    private Path directory = Path.of("");
    private WriteAheadLog log;

    @Setup(Level.Trial)
    public void open() throws IOException {
        directory = Files.createTempDirectory("wal-benchmark");
        log = WriteAheadLog.open(
                directory,
                WalSettings.defaults(),
                (append, hold) -> hold.releaseAll(),
                (append, hold) -> hold.releaseAll(),
                Schedulers.parallel());
        encode();
        encoded = new byte[(int) sink.written];
        copy = new byte[encoded.length];
        System.out.printf("# %.1f bytes a row%n", sink.written / (double) ROWS);
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        log.close();
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public long encode() {
        try {
            sink.written = 0;
            output.begin(sink, Long.MAX_VALUE);
            encoder.reset();
            long bytes = encoder.measure(batch);
            output.startFrame(1, new FrameFormat.FrameHeader(1, (int) bytes, 1, FrameFormat.KIND_APPEND));
            encoder.write(batch, bytes, output);
            output.endFrame();
            output.flush();
            return sink.written;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (WalFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    @Benchmark
    @OperationsPerInvocation(ROWS * WRITERS)
    public void append() {
        List<Mono<Void>> appends = new ArrayList<>(WRITERS);
        for (int i = 0; i < WRITERS; i++) {
            appends.add(log.append(new WalAppend(DATABASE, List.of(batch), WalAck.SYNCED)));
        }
        Mono.when(appends).block();
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public long copy() {
        System.arraycopy(encoded, 0, copy, 0, encoded.length);
        crc.reset();
        crc.update(copy);
        return crc.getValue();
    }

    private static ColumnBatch batch() {
        SplittableRandom random = new SplittableRandom(1);
        StringBuilder text = new StringBuilder();
        for (int row = 0; row < ROWS; row++) {
            int host = row % 1000;
            text.append("cpu,hostname=host_").append(host);
            for (int tag = 1; tag < 10; tag++) {
                text.append(",tag").append(tag).append("=value-").append((host >> tag) % 40);
            }
            for (int field = 0; field < 10; field++) {
                text.append(field == 0 ? ' ' : ',')
                        .append("usage_")
                        .append(field)
                        .append('=');
                text.append(random.nextInt(100)).append('i');
            }
            text.append(' ').append(1_700_000_000L + 10L * (row / 1000)).append("000000000\n");
        }
        LineProtocolDecoder decoder = new LineProtocolDecoder(DecodeOptions.of(Precision.NANOSECOND, 0));
        byte[] body = text.toString().getBytes(StandardCharsets.US_ASCII);
        decoder.feed(body, 0, body.length);
        return decoder.finish().batches().get(0);
    }

    private static final class Sink implements WalFile {
        private long written;

        @Override
        public long size() {
            return Long.MAX_VALUE;
        }

        @Override
        public int read(ByteBuffer into, long position) {
            return -1;
        }

        @Override
        public int write(ByteBuffer from, long position) {
            int bytes = from.remaining();
            from.position(from.limit());
            written += bytes;
            return bytes;
        }

        @Override
        public void sync(boolean metadata) {}

        @Override
        public void close() {}
    }
}
