package io.weir.ingest.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestError;
import io.weir.ingest.decode.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.test.web.reactive.server.WebTestClient;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** A file sent again with its {@code Idempotency-Key} is imported once. LESSONS 62. */
class KeyedImportTest extends ImportSlice {

    private static final String LP = "/api/v1/import/lp?db=d";
    private static final String[] KEY = {"Idempotency-Key", "file-1"};
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static byte[] lines(int rows) {
        StringBuilder file = new StringBuilder();
        for (int i = 0; i < rows; i++) {
            file.append("m v=").append(i).append("i ").append(1_700_000_000 + i).append('\n');
        }
        return utf8(file.toString());
    }

    private void assertRepeats(String id, byte[] body) {
        WebTestClient.ResponseSpec again = post(LP, body, KEY);
        again.expectStatus().isAccepted();
        again.expectHeader().valueEquals("Location", "/api/v1/import/" + id);
        again.expectHeader().valueEquals("Idempotent-Replayed", "true");
        assertThat(json(again).get("id").asString()).isEqualTo(id);
    }

    @Test
    void aRepetitionIsAnsweredWithTheFirstJobWhereverItStands() {
        byte[] body = lines(300);
        Runnable goOn = heldUp();
        WebTestClient.ResponseSpec first = post(LP, body, KEY);
        first.expectStatus().isAccepted();
        first.expectHeader().doesNotExist("Idempotent-Replayed");
        String id = json(first).get("id").asString();
        assertRepeats(id, body);
        goOn.run();
        assertThat(await(id).get("status").asString()).isEqualTo("succeeded");
        assertThat(job(id).get("idempotency_key").asString()).isEqualTo("file-1");
        assertRepeats(id, body);
        assertThat(list().size()).isEqualTo(1);
        assertThat(ingest.rows("d", "m")).isEqualTo(300);
    }

    @Test
    void aRepetitionFindsItsJobThoughTheQueueIsFull() {
        restart(Map.of("weir.import.queue", "1"));
        Runnable goOn = heldUp();
        String id = accepted(LP, lines(10), KEY);
        accepted(LP, lines(11));
        assertRefused(LP, lines(12), 503, "weir.import.queue", "Idempotency-Key", "file-2");
        assertRepeats(id, lines(10));
        goOn.run();
        await(id);
    }

    @Test
    void anotherRequestWithTheKeyIsRefused() {
        String id = accepted(LP, lines(20), KEY);
        byte[] sameLength = lines(20);
        sameLength[4]++;
        String why = "Idempotency-Key was used for another request (its body had " + lines(20).length + " bytes";
        assertRefused(LP, sameLength, 422, why, KEY);
        assertRefused(LP, lines(21), 422, why, KEY);
        assertRefused(LP + "&precision=s", lines(20), 422, why, KEY);
        assertRefused("/api/v1/import/csv?db=d&measurement=m", lines(20), 422, why, KEY);
        await(id);
        assertThat(list().size()).isEqualTo(1);
        assertThat(ingest.rows("d", "m")).isEqualTo(20);
    }

    @Test
    void aLongerBodyOfUnknownLengthIsNotReadToItsEnd() {
        accepted(LP, lines(20), KEY);
        WebTestClient.ResponseSpec answer = ingest.client()
                .post()
                .uri(LP)
                .header(KEY[0], KEY[1])
                .body(Flux.concat(Flux.just(lines(20), lines(20)), Flux.never()), byte[].class)
                .exchange();
        answer.expectStatus().isEqualTo(422);
    }

    @Test
    void aKeyIsRememberedOverARestartAsLongAsItsJob() throws IOException {
        restart(Map.of("weir.import.kept-jobs", "1"));
        String id = accepted(LP, lines(20), KEY);
        await(id);
        restart(Map.of("weir.import.kept-jobs", "1"));
        assertRepeats(id, lines(20));
        assertRefused(LP, lines(21), 422, "was used for another request", KEY);
        await(accepted(LP, lines(30)));
        soon().until(() -> list().size() == 1);
        String later = accepted(LP, lines(21), KEY);
        assertThat(later).isNotEqualTo(id);
        await(later);
    }

    @Test
    void aFileThatWasRefusedLeavesItsKeyFree() {
        assertRefused(LP, new byte[] {'m', 0}, 400, "byte 2 is 0", KEY);
        assertThat(await(accepted(LP, lines(20), KEY)).get("status").asString()).isEqualTo("succeeded");
    }

    @Test
    void keysOfOtherDatabasesAndOfWritesAreOtherKeys() {
        post("/api/v1/write/line-protocol?db=d", utf8("m v=1i"), KEY)
                .expectStatus()
                .isNoContent();
        String one = accepted(LP, lines(20), KEY);
        String other = accepted("/api/v1/import/lp?db=e", lines(21), KEY);
        assertThat(other).isNotEqualTo(one);
        await(one);
        await(other);
        post("/api/v1/write/line-protocol?db=e", utf8("m v=1i"), KEY)
                .expectStatus()
                .isNoContent();
        assertThat(ingest.rows("d", "m")).isEqualTo(21);
        assertThat(ingest.rows("e", "m")).isEqualTo(22);
    }

    @Test
    void whatIsNoKeyIsRefused() {
        assertRefused(LP, lines(1), 400, "Idempotency-Key has 256 characters", KEY[0], "k".repeat(256));
        assertRefused(LP, lines(1), 400, "Idempotency-Key has 2 of them", KEY[0], "a", KEY[0], "b");
        assertThat(list().size()).isZero();
    }

    @Test
    void ofTwoAtOnceTheSecondWaitsForTheFirst() {
        Sinks.One<byte[]> rest = Sinks.one();
        byte[] body = lines(20);
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> json(ingest.client()
                        .post()
                        .uri(LP)
                        .header(KEY[0], KEY[1])
                        .body(Flux.concat(Flux.just(Arrays.copyOf(body, 10)), rest.asMono()), byte[].class)
                        .exchange())
                .get("id")
                .asString());
        soon().until(() -> parts() == 1);
        CompletableFuture<String> second = CompletableFuture.supplyAsync(() -> accepted(LP, body, KEY));
        rest.tryEmitValue(Arrays.copyOfRange(body, 10, body.length));
        String id = first.join();
        assertThat(second.join()).isEqualTo(id);
        await(id);
        assertThat(ingest.rows("d", "m")).isEqualTo(20);
    }

    private long parts() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("imports"))) {
            return files.filter(file -> file.toString().endsWith(".part")).count();
        }
    }

    @Test
    void aClientThatGoesAwayLeavesItsKeyFree() throws IOException {
        WeirSchedulers schedulers = WeirSchedulers.forCores(2);
        ImportSettings settings = new Binder(new MapConfigurationPropertySource(Map.of()))
                .bindOrCreate("weir.import", ImportSettings.class);
        Path files = Files.createDirectories(directory.resolve("imports"));
        ImportRequest request = new ImportRequest(
                ImportFormat.LP, "default", "d", "", Precision.ofV3(null), "time", Set.of(), (byte) ',', true);
        DataBuffer buffer = new DefaultDataBufferFactory().wrap(lines(20));
        try (Imports imports = new Imports(ingest.service(), settings, files, schedulers, Clock.systemUTC())) {
            imports.start();
            Disposable gone = imports.takeOnce(request, "k", "/x", new ImportBody(Flux.never(), null, -1))
                    .subscribe();
            soon().until(() -> parts() == 1);
            gone.dispose();
            Imports.Taken taken = imports.takeOnce(request, "k", "/x", new ImportBody(Flux.just(buffer), null, -1))
                    .block(Duration.ofSeconds(10));
            assertThat(taken.earlier()).isFalse();
            soon().until(() -> parts() == 0);
            assertThatThrownBy(() -> imports.takeOnce(request, "k", "/x", new ImportBody(Flux.empty(), null, 0))
                            .block(PATIENCE))
                    .isInstanceOfSatisfying(
                            WeirException.class,
                            e -> assertThat(e.code()).isEqualTo(IngestError.IDEMPOTENCY_KEY_REUSED));
        } finally {
            schedulers.close();
        }
    }
}
