package io.weir.ingest.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import io.weir.common.memory.Reservation;
import io.weir.ingest.admission.Admission;
import io.weir.ingest.edge.RawConnection.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients meet when there is no memory for them, on a real port. REQUIREMENTS P1; LESSONS 57, 58, 60, 63. */
@Timeout(120)
class OverloadRoutesTest {

    private static final long MIB = 1 << 20;
    private static final String[] ROUTES = {
        "/write?db=d",
        "/api/v2/write?bucket=d",
        "/api/v3/write_lp?db=d",
        "/api/v1/write/line-protocol?db=d",
        "/api/v1/write/msgpack?db=d",
    };
    private static final String LINES = "/write?db=d";
    private static final String GOOD = "cpu,host=a v=1 1700000000000000000\n";

    @TempDir
    static Path directory;

    private static IngestServer server;
    private static Admission admission;

    @BeforeAll
    static void start() {
        server = new IngestServer(
                directory,
                "weir.ingest.memory=32MB",
                "weir.ingest.memory-per-request=12MB",
                "weir.ingest.max-line-protocol=8MB",
                "weir.ingest.max-message-pack=64MB",
                "weir.ingest.max-body=64MB",
                "weir.wal.segment-size=4MB",
                "weir.warm-up.duration=0s");
        admission = server.ingest().admission();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsHeldOnceAllIsInFiles() {
        IngestServer.until(() -> {
            server.ingest().flush().block(); // a request whose client has gone may still bring rows
            return admission.process().usedBytes() == rememberedBytes();
        });
        assertThat(admission.organisations().size()).isZero();
        assertThat(admission.decode().usedBytes()).isZero();
        assertThat(admission.log().usedBytes()).isZero();
        assertThat(admission.buffer().usedBytes()).isZero();
    }

    /** Series of earlier requests stay in memory, and their bytes taken. */
    private static long rememberedBytes() {
        return admission.series().usedBytes();
    }

    private static RawConnection connection() {
        return new RawConnection(server.port());
    }

    private static Reservation allMemory() {
        return admission.claim("other", 32 * MIB, admission.decode());
    }

    static Stream<String> routes() {
        return Stream.of(ROUTES);
    }

    private static void assertOverloaded(Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(503);
        assertThat(Integer.parseInt(answer.headers().get("retry-after"))).isPositive();
        assertThat(answer.body()).contains("no memory left");
    }

    @ParameterizedTest
    @MethodSource("routes")
    void overloadIsAnsweredBeforeAByteOfTheBodyIsSent(String route) {
        long before = admission.decode().refusedCount();
        try (Reservation all = allMemory();
                RawConnection connection = connection()) {
            Answer answer = connection.post(route, "Content-Length: 12000000").answer();
            assertOverloaded(answer);
            assertThat(answer.headers()).containsEntry("connection", "close");
            assertThat(connection.ends()).isTrue();
            assertThat(admission.process().usedBytes())
                    .as("refusing takes nothing")
                    .isEqualTo(all.bytes() + rememberedBytes());
        }
        assertThat(admission.decode().refusedCount()).isEqualTo(before + 1);
    }

    @Test
    void overloadIsAnsweredBeforeTheBodyWhileTheLogOrTheBuffersAreFull() {
        try (Reservation log = admission.claim("other", 64 * MIB, admission.log());
                RawConnection connection = connection()) {
            Answer answer = connection.post(LINES, "Content-Length: 100").answer();
            assertOverloaded(answer);
            assertThat(answer.body()).contains("rows wait for the write-ahead log");
            assertThat(log.bytes()).isPositive();
        }
        try (Reservation buffers = admission.claim("other", 26 * MIB, admission.buffer());
                RawConnection connection = connection()) {
            Answer answer = connection.post(LINES, "Content-Length: 100").answer();
            assertOverloaded(answer);
            assertThat(answer.body()).contains("rows wait for their files");
            assertThat(buffers.bytes()).isPositive();
        }
    }

    @Test
    void aShortBodyThatWasRefusedIsPassedOverAndTheConnectionGoesOn() {
        try (RawConnection connection = connection()) {
            try (Reservation all = allMemory()) {
                assertOverloaded(
                        connection.post(LINES, "Content-Length: 100000").answer());
                connection.send("x=1 ".repeat(25_000));
                assertOverloaded(connection
                        .post(LINES, "Transfer-Encoding: chunked")
                        .send("5\r\nhello\r\n")
                        .answer());
                connection.send("3\r\n???\r\n0\r\n\r\n");
                assertThat(all.bytes()).isPositive();
            }
            Answer answer = connection
                    .post(LINES, "Content-Length: " + GOOD.length())
                    .send(GOOD)
                    .answer();
            assertThat(answer.status()).as(answer.body()).isEqualTo(204);
        }
    }

    /** Refused in the middle of a body without a length: what goes on without end is not taken without end. */
    @Test
    void aRefusedBodyThatDoesNotEndIsNotTakenForEver() {
        byte[] chunk = ("10000\r\n" + "x".repeat(1 << 16) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        try (Reservation all = allMemory();
                RawConnection connection = connection()) {
            assertOverloaded(connection
                    .post(LINES, "Transfer-Encoding: chunked")
                    .send(chunk)
                    .answer());
            assertThat(all.bytes()).isPositive();
            long sent = 0;
            try {
                while (sent < 1 << 30) {
                    connection.send(chunk);
                    sent += chunk.length;
                }
            } catch (UncheckedIOException closed) {
                assertThat(closed).hasMessageMatching("(?i).*(reset|broken pipe|aborted).*");
            }
            assertThat(sent).as("bytes taken, those in sockets included").isLessThan(64 * MIB);
        }
    }

    @Test
    void aBodyIsAskedForOnlyWhenItIsWanted() { // Expect: 100-continue
        try (RawConnection connection = connection()) {
            connection.post(LINES, "Content-Length: " + GOOD.length(), "Expect: 100-continue");
            assertThat(connection.answer().status()).isEqualTo(100);
            assertThat(connection.send(GOOD).answer().status()).isEqualTo(204);
        }
        try (Reservation all = allMemory();
                RawConnection connection = connection()) {
            Answer answer = connection
                    .post(LINES, "Content-Length: " + GOOD.length(), "Expect: 100-continue")
                    .answer();
            assertOverloaded(answer);
            assertThat(answer.headers()).containsEntry("connection", "close");
            assertThat(connection.ends()).isTrue();
            assertThat(all.bytes()).isPositive();
        }
    }

    @Test
    void whatCanNeverFitIsTooLargeByItsHeaders() { // 413, not a 503 that would come again for ever
        try (RawConnection connection = connection()) {
            Answer answer = connection
                    .post("/api/v1/write/msgpack?db=d", "Content-Length: 13000000")
                    .answer();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.body()).contains("weir.ingest.memory-per-request");
            assertThat(answer.headers()).doesNotContainKey("retry-after").containsEntry("connection", "close");
        }
        try (RawConnection connection = connection()) {
            Answer answer = connection.post(LINES, "Content-Length: 70000000").answer();
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.body()).contains("weir.ingest.max-body");
        }
    }

    @Test
    void memoryThatRunsOutInTheMiddleOfABodyIsOverload() {
        try (RawConnection connection = connection()) {
            connection.post(LINES, "Transfer-Encoding: chunked").send("23\r\n" + GOOD + "\r\n");
            IngestServer.until(() -> admission.decode().usedBytes() > 0);
            try (Reservation rest = admission.claim("other", 33 * MIB, admission.decode())) {
                StringBuilder lines = new StringBuilder();
                for (int i = 0; i < 20_000; i++) {
                    lines.append("cpu,host=h").append(i).append(" v=").append(i).append("i\n");
                }
                connection.send(Integer.toHexString(lines.length()) + "\r\n" + lines + "\r\n");
                assertOverloaded(connection.answer());
                assertThat(rest.bytes()).isPositive();
            }
        }
    }

    static Stream<Arguments> bombs() {
        return routes().flatMap(route -> Stream.of("gzip", "deflate", "zstd", "lz4", "zstd window")
                .map(encoding -> Arguments.of(route, encoding)));
    }

    @ParameterizedTest
    @MethodSource("bombs")
    void aBombIsRefusedOnEveryRouteInEveryEncoding(String route, String bomb) throws IOException { // LESSONS 58
        String encoding = bomb.equals("zstd window") ? "zstd" : bomb;
        byte[] body = bomb(bomb);
        assertThat(body.length).isLessThan(1 << 20);
        for (boolean declared : new boolean[] {true, false}) {
            if (!declared && encoding.equals("deflate")) {
                continue; // has no magic bytes: without its header it is a bad line
            }
            try (RawConnection connection = connection()) {
                Answer answer = connection
                        .post(
                                route,
                                "Content-Length: " + body.length,
                                declared ? "Content-Encoding: " + encoding : "X-Nothing: 1")
                        .send(body)
                        .answer();
                assertThat(answer.status()).as(answer.body()).isEqualTo(413);
            }
        }
    }

    private static byte[] bomb(String kind) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream compressed = switch (kind) {
            case "gzip" -> new GZIPOutputStream(out);
            case "deflate" -> new DeflaterOutputStream(out);
            case "zstd" -> new ZstdOutputStream(out);
            case "lz4" -> OutputStream.nullOutputStream();
            default -> new ZstdOutputStream(out).setLong(23);
        }) {
            byte[] lines = GOOD.repeat(3_000).getBytes(StandardCharsets.UTF_8);
            for (int written = 0; written < 80 << 20 && !kind.equals("lz4"); written += lines.length) {
                compressed.write(lines);
            }
        }
        return kind.equals("lz4") ? lz4Bomb() : out.toByteArray();
    }

    /** Blocks of 4 MiB that repeat one byte; a frame without checksums but its header's. */
    private static byte[] lz4Bomb() {
        int length = (4 << 20) - 12;
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.writeBytes(new byte[] {0x1f, 'x', 1, 0});
        int left = length - 19;
        for (; left >= 255; left -= 255) {
            block.write(255);
        }
        block.write(left);
        block.write(0x50);
        block.writeBytes(new byte[5]);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(new byte[] {4, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73});
        for (int i = 0; i < 20; i++) {
            for (int shift = 0; shift < 32; shift += 8) {
                frame.write(block.size() >>> shift);
            }
            frame.writeBytes(block.toByteArray());
        }
        return frame.toByteArray();
    }

    @Test
    void whateverClientsDoTheMemoryComesBack() { // invariant 5: good, bad, cut off, refused
        long seed = Long.getLong("weir.test.seed", System.nanoTime());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            String body = GOOD.repeat(1 + random.nextInt(2_000)) + (random.nextInt(4) == 0 ? "bad line\n" : "");
            int sent = random.nextInt(3) == 0 ? random.nextInt(body.length()) : body.length();
            Reservation rest = random.nextInt(5) == 0 ? allMemory() : null;
            try (RawConnection connection = connection()) {
                connection
                        .post(ROUTES[random.nextInt(ROUTES.length)], "Content-Length: " + body.length())
                        .send(body.substring(0, sent));
                if (sent == body.length() && random.nextBoolean()) {
                    assertThat(connection.answer().status()).isIn(204, 400, 413, 503);
                }
            } finally {
                if (rest != null) {
                    rest.close();
                }
            }
        }
    }
}
