package io.weir.ingest.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Schedulers;

/** {@code Idempotency-Key} on the write routes, from the headers to the rows. LESSONS 62. */
class KeyedWriteTest {

    private static final String GOOD = "m,host=a v=1i 1700000000\nm,host=b v=2i 1700000001\n";
    private static final String PARTLY_BAD = "m,host=a v=1i 1700000000\nm,host=b v= 1700000001\n";

    @TempDir
    Path directory;

    private final Ahead clock = new Ahead();
    private RunningIngest ingest;

    /** The system's time, put forward by the test. */
    private static final class Ahead extends Clock {
        volatile Duration by = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().plus(by);
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }
    }

    @BeforeEach
    void start() {
        ingest = new RunningIngest(directory, clock, Map.of("weir.ingest.flush-age", "1h"));
    }

    @AfterEach
    void stop() {
        ingest.close();
    }

    private WebTestClient.ResponseSpec write(String uri, String key, Object body) {
        return ingest.client()
                .post()
                .uri(uri)
                .header("Idempotency-Key", key)
                .bodyValue(body)
                .exchange();
    }

    private long rows() {
        return ingest.rows("d", "m");
    }

    @Test
    void aRepeatedKeyIsAnsweredFromTheFirstOutcomeOnEveryRoute() {
        String[] routes = {
            "/write?db=d&precision=s",
            "/api/v2/write?bucket=d&precision=s",
            "/api/v3/write_lp?db=d&precision=second",
            "/api/v1/write/line-protocol?db=d&precision=second"
        };
        for (int i = 0; i < routes.length; i++) {
            String key = "key of route " + i;
            write(routes[i], key, GOOD)
                    .expectStatus()
                    .isNoContent()
                    .expectHeader()
                    .doesNotExist("Idempotent-Replayed");
            write(routes[i], key, GOOD)
                    .expectStatus()
                    .isNoContent()
                    .expectHeader()
                    .valueEquals("Idempotent-Replayed", "true");
            assertThat(rows()).as(routes[i]).isEqualTo(2 * (i + 1L));
        }
        byte[] packed = {
            (byte) 0x82,
            (byte) 0xa1,
            'm',
            (byte) 0xa1,
            'm',
            (byte) 0xa7,
            'c',
            'o',
            'l',
            'u',
            'm',
            'n',
            's',
            (byte) 0x82,
            (byte) 0xa4,
            't',
            'i',
            'm',
            'e',
            (byte) 0x91,
            (byte) 0xce,
            0x65,
            0x53,
            (byte) 0xf1,
            0,
            (byte) 0xa1,
            'v',
            (byte) 0x91,
            5
        };
        write("/api/v1/write/msgpack?db=d", "packed", packed).expectStatus().isNoContent();
        write("/api/v1/write/msgpack?db=d", "packed", packed).expectStatus().isNoContent();
        assertThat(rows()).isEqualTo(9);
    }

    @Test
    void writesWithoutAKeyOrWithAnotherAreStoredEachTime() {
        for (String key : new String[] {"a", "b"}) {
            write("/write?db=d&precision=s", key, GOOD).expectStatus().isNoContent();
        }
        for (int i = 0; i < 2; i++) {
            ingest.client()
                    .post()
                    .uri("/write?db=d&precision=s")
                    .bodyValue(GOOD)
                    .exchange()
                    .expectStatus()
                    .isNoContent();
        }
        assertThat(rows()).isEqualTo(8);
        write("/write?db=other&precision=s", "a", GOOD).expectStatus().isNoContent();
        assertThat(ingest.rows("other", "m"))
                .as("the same key in another database")
                .isEqualTo(2);
    }

    @Test
    void aPartialWriteIsAnsweredTheSameAgain() {
        String uri = "/api/v3/write_lp?db=d&precision=second";
        byte[] first = write(uri, "k", PARTLY_BAD)
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .returnResult()
                .getResponseBody();
        byte[] second = write(uri, "k", PARTLY_BAD)
                .expectStatus()
                .isBadRequest()
                .expectHeader()
                .valueEquals("Idempotent-Replayed", "true")
                .expectBody()
                .returnResult()
                .getResponseBody();
        assertThat(new String(second, StandardCharsets.UTF_8))
                .isEqualTo(new String(first, StandardCharsets.UTF_8))
                .contains("\"line_number\":2");
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void aRefusedBodyLeavesItsKeyFree() {
        String uri = "/api/v2/write?bucket=d&precision=s";
        write(uri, "k", PARTLY_BAD).expectStatus().isBadRequest();
        write(uri, "k", PARTLY_BAD).expectStatus().isBadRequest().expectHeader().doesNotExist("Idempotent-Replayed");
        write(uri, "k", GOOD).expectStatus().isNoContent();
        assertThat(rows()).isEqualTo(2);
        assertThat(ingest.service().budget().usedBytes())
                .as("budget that refused bodies hold on to")
                .isEqualTo(heldByRows() + ingest.service().admission().series().usedBytes());
    }

    private long heldByRows() {
        return ingest
                .service()
                .snapshot(
                        new io.weir.common.model.DatabaseId("default", "d").table("m"),
                        new io.weir.common.hot.HotHold())
                .block(Duration.ofSeconds(10))
                .stream()
                .flatMap(part -> part.batches().stream())
                .mapToLong(batch -> batch.sizeBytes())
                .sum();
    }

    @Test
    void theKeyOfAnotherRequestIsRefused() {
        write("/write?db=d&precision=s", "k", GOOD).expectStatus().isNoContent();
        write("/write?db=d&precision=s", "k", GOOD + "m v=9i 1700000009\n")
                .expectStatus()
                .isEqualTo(422)
                .expectBody()
                .jsonPath("$.error")
                .value(
                        String.class,
                        text -> assertThat(text)
                                .startsWith(
                                        "Idempotency-Key was used for another request (its body had 50 bytes, this one has 68; expected: a key of its own"));
        write("/write?db=d&precision=ms", "k", GOOD).expectStatus().isEqualTo(422);
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void aKeyThatIsNoneIsRefused() {
        for (String key : new String[] {" ", "x".repeat(256), "ü", "a\tb"}) {
            write("/api/v1/write/line-protocol?db=d", key, GOOD)
                    .expectStatus()
                    .isBadRequest()
                    .expectBody()
                    .jsonPath("$.detail")
                    .value(
                            String.class,
                            text -> assertThat(text)
                                    .startsWith("Idempotency-Key has ")
                                    .contains("1 to 255"));
        }
        write("/write?db=d&precision=s", "x".repeat(255), GOOD).expectStatus().isNoContent();
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void ofManyAtOnceOneStoresItsRows() {
        Integer statuses = Flux.range(0, 16)
                .flatMap(
                        i -> reactor.core.publisher.Mono.fromCallable(() -> write("/write?db=d&precision=s", "k", GOOD)
                                        .expectStatus()
                                        .isNoContent()
                                        .returnResult(Void.class)
                                        .getStatus()
                                        .value())
                                .subscribeOn(Schedulers.fromExecutor(task -> new Thread(task).start())),
                        16)
                .reduce(0, (count, status) -> count + 1)
                .block(Duration.ofSeconds(60));
        assertThat(statuses).isEqualTo(16);
        assertThat(rows()).isEqualTo(2);
    }

    @Test
    void aCompressedBodyIsKnownByItsBytesAsSent() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(GOOD.getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < 2; i++) {
            write("/write?db=d&precision=s", "k", out.toByteArray())
                    .expectStatus()
                    .isNoContent();
        }
        assertThat(rows()).isEqualTo(2);
        write("/write?db=d&precision=s", "k", GOOD).expectStatus().isEqualTo(422);
    }

    @Test
    void aKeyIsRememberedOverFlushAndRestartUntilItExpires() { // LESSONS 8
        write("/write?db=d&precision=s", "k", GOOD).expectStatus().isNoContent();
        ingest.client().post().uri("/api/v1/flush").exchange().expectStatus().isNoContent();
        write("/write?db=d&precision=s", "k", GOOD).expectStatus().isNoContent();
        stop();
        start();
        write("/write?db=d&precision=s", "k", GOOD)
                .expectStatus()
                .isNoContent()
                .expectHeader()
                .valueEquals("Idempotent-Replayed", "true");
        assertThat(rows()).isEqualTo(2);
        clock.by = Duration.ofMinutes(10);
        write("/write?db=d&precision=s", "k", GOOD).expectStatus().isNoContent();
        assertThat(rows()).isEqualTo(4);
    }

    @Test
    void theTimeAKeyIsRememberedIsASetting() { // LESSONS 47
        stop();
        ingest = new RunningIngest(directory, clock, Map.of("weir.ingest.idempotency-ttl", "1m"));
        write("/write?db=d&precision=s", "k", GOOD).expectStatus().isNoContent();
        clock.by = Duration.ofMinutes(1);
        write("/write?db=d&precision=s", "k", GOOD).expectStatus().isNoContent();
        assertThat(rows()).isEqualTo(4);
    }
}
