package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A result many times larger than the server's memory goes to a reader that is slower than the engine, and the server
 * needs no more for it than for a small one. REQUIREMENTS Q4; LESSONS 40, 43.
 */
@Timeout(600)
class SlowReaderIT {

    private static final long ROWS = Long.getLong("weir.stream.rows", 1_000_000);
    private static final long WARM_ROWS = 300_000;
    private static final long MIB = 1 << 20;
    private static final int PIECE = 128 << 10;

    @TempDir
    Path data;

    /** What was seen of the server at one moment, in bytes. */
    private record Sample(long heap, long direct, long resident) {}

    @Test
    void aLargeResultToASlowReaderLeavesMemoryFlat() throws Exception {
        try (WeirProcess server = WeirProcess.serve(data, "weir.query.memory-limit=64MB")) {
            for (String format : List.of("ndjson", "arrow")) {
                List<Sample> before = new ArrayList<>();
                read(server, format, WARM_ROWS, 0, before);
                List<Sample> during = new ArrayList<>();
                long bytes = read(server, format, ROWS, TimeUnit.MILLISECONDS.toNanos(1), during);
                assertThat(bytes).isGreaterThan(ROWS * 40);
                assertThat(during).hasSizeGreaterThan(3);
                System.out.printf(
                        "%s: %d MiB of result; MiB at most before and during: resident %d, %d; direct %d, %d; heap at least %d, %d%n",
                        format,
                        bytes / MIB,
                        most(before, Sample::resident) / MIB,
                        most(during, Sample::resident) / MIB,
                        most(before, Sample::direct) / MIB,
                        most(during, Sample::direct) / MIB,
                        -most(before, sample -> -sample.heap) / MIB,
                        -most(during, sample -> -sample.heap) / MIB);
                assertThat(most(during, Sample::resident)).isLessThan(most(before, Sample::resident) + 150 * MIB);
                assertThat(most(during, Sample::direct)).isLessThan(most(before, Sample::direct) + 50 * MIB);
            }
            assertThat(server.output()).doesNotContain("OutOfMemoryError").doesNotContain("LEAK:");
            assertThat(server.stop()).isIn(0, 143);
        }
    }

    /** Reads a whole result, resting that long after each piece, and looks at the server now and then. */
    private static long read(WeirProcess server, String format, long rows, long restNanos, List<Sample> samples)
            throws IOException {
        String sql = "SELECT make_timestamp(range * 1000000) AS time, 'host_' || range % 1000 AS host,"
                + " range AS a, range % 100 AS b, range * 7 AS c, range / 3.0::DOUBLE AS d, uuid() AS e FROM range("
                + rows + ")";
        try (Socket socket = new Socket("127.0.0.1", server.port())) {
            socket.setSoTimeout(60_000);
            String target = "/api/v1/query?format=" + format + "&timeout=10m&q="
                    + URLEncoder.encode(sql, StandardCharsets.UTF_8);
            String request = "GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = new BufferedInputStream(socket.getInputStream(), PIECE);
            byte[] piece = new byte[PIECE];
            byte[] tail = new byte[5];
            long bytes = 0;
            long sampled = System.nanoTime();
            samples.add(sample(server));
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                bytes += read;
                keepTail(tail, piece, read);
                LockSupport.parkNanos(restNanos);
                if (System.nanoTime() - sampled > TimeUnit.MILLISECONDS.toNanos(250)) {
                    samples.add(sample(server));
                    sampled = System.nanoTime();
                }
            }
            samples.add(sample(server));
            assertThat(new String(tail, StandardCharsets.US_ASCII))
                    .as("the last chunk")
                    .isEqualTo("0\r\n\r\n");
            return bytes;
        }
    }

    private static void keepTail(byte[] tail, byte[] piece, int length) {
        int fresh = Math.min(length, tail.length);
        System.arraycopy(tail, fresh, tail, 0, tail.length - fresh);
        System.arraycopy(piece, length - fresh, tail, tail.length - fresh, fresh);
    }

    private static long most(List<Sample> samples, ToLongFunction<Sample> value) {
        return Collections.max(samples.stream().map(value::applyAsLong).toList());
    }

    private static Sample sample(WeirProcess server) {
        long heap = 0;
        long direct = 0;
        for (var metric : Metrics.of(server).entrySet()) {
            if (metric.getKey().startsWith("jvm_memory_used_bytes{area=\"heap\"")) {
                heap += metric.getValue().longValue();
            }
            if (metric.getKey().startsWith("netty_allocator_memory_used")
                    && metric.getKey().contains("direct")) {
                direct += metric.getValue().longValue();
            }
        }
        return new Sample(heap, direct, resident(server.pid()));
    }

    private static long resident(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                            .filter(line -> line.startsWith("VmRSS:"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(0)
                    << 10;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
