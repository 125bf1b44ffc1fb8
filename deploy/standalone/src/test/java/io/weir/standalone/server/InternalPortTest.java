package io.weir.standalone.server;

import static io.weir.standalone.server.SplitServices.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.hot.HotScope;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.ingest.internal.InternalPort;
import io.weir.query.QueryError;
import io.weir.query.remote.RemoteHotRows;
import io.weir.query.snapshot.Freshness;
import io.weir.storage.hot.HotRequest;
import io.weir.storage.hot.HotStream;
import io.weir.testing.FaultProxy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** The internal port and its reader, one answering badly or not at all. Issue 5 item 6; LESSONS 39; invariants 3, 5, 7. */
class InternalPortTest {

    private static final TableId TABLE = new DatabaseId("default", "iot").table("m");
    private static final int ROWS = 60_000;

    @TempDir
    Path directory;

    private SplitServices services;
    private final AtomicInteger held = new AtomicInteger();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        services = new SplitServices(directory, Map.of());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        services.close();
        assertThat(held).hasValue(0);
    }

    /** Three parts whose holds are counted. */
    private HotRows rows() {
        return rows(3);
    }

    private HotRows rows(int count) {
        return (table, hold) -> Mono.fromSupplier(() -> {
            List<HotPart> parts = new ArrayList<>();
            ColumnBatch batch = null;
            for (int part = 0; part < count; part++) {
                held.incrementAndGet();
                batch = part < 3 ? SplitServices.batch("m", part * 1_000_000L, ROWS / 3) : batch;
                parts.add(hold.add(new HotPart("f" + part, List.of(batch), held::decrementAndGet)));
            }
            return parts;
        });
    }

    private InternalPort port(HotRows rows, Map<String, String> settings) {
        InternalPort port = services.port(rows, settings);
        opened.add(0, port);
        return port;
    }

    private RemoteHotRows remote(Map<String, String> settings, int... ports) {
        RemoteHotRows remote = services.remote(settings, ports);
        opened.add(0, remote);
        return remote;
    }

    private static List<HotPart> read(RemoteHotRows remote, HotScope scope, HotHold hold) {
        return remote.snapshot(TABLE, scope, hold).block(PATIENCE);
    }

    private static WeirException failure(RemoteHotRows remote) {
        try (HotHold hold = new HotHold()) {
            read(remote, HotScope.ALL, hold);
        } catch (WeirException e) {
            return e;
        }
        throw new AssertionError("was read");
    }

    private void awaitNothingHeld() {
        Awaitility.await().atMost(PATIENCE).until(() -> held.get() == 0);
    }

    @Test
    void partsAreReadWithTheirFlushesAndOnlyWhatIsNeededTravels() {
        RemoteHotRows remote = remote(
                Map.of(),
                port(rows(), Map.of()).port(),
                port(HotRows.NONE, Map.of()).port());
        HotHold hold = new HotHold();
        List<HotPart> parts = read(remote, HotScope.ALL, hold);
        assertThat(parts.stream().map(HotPart::flushId)).containsExactlyInAnyOrder("f0", "f1", "f2");
        assertThat(parts.stream().mapToLong(HotPart::rows).sum()).isEqualTo(ROWS);
        assertThat(remote.memory().usedBytes()).isGreaterThan(ROWS * 28L);
        hold.close();
        assertThat(remote.memory().usedBytes()).isZero();
        try (HotHold narrow = new HotHold()) {
            HotScope scope = new HotScope(new TimeRange(1_000_000, 1_000_004), Set.of("v"));
            HotPart part = read(remote, scope, narrow).get(0);
            assertThat(part.flushId()).isEqualTo("f1");
            assertThat(part.rows()).isEqualTo(5);
            assertThat(part.batches().get(0).columns()).containsExactly(new Column("v", ColumnType.INT64));
            assertThat(remote.memory().usedBytes()).isLessThan(64 << 10);
        }
        awaitNothingHeld();
    }

    @Test
    void aReplicaThatDoesNotAnswerIsNamedAndCommittedRowsAreStillRead() {
        SplitServices.store(services.ingests.get(0), TABLE, SplitServices.batch("m", 0, 10))
                .block(PATIENCE);
        services.ingests.get(0).flush().block(PATIENCE);
        int port = services.ports.get(0).port();
        try (FaultProxy proxy = FaultProxy.inFrontOf(URI.create("tcp://127.0.0.1:" + port))) {
            RemoteHotRows remote = remote(
                    Map.of("weir.query.hot-timeout", "400ms", "weir.query.hot-connect-timeout", "400ms"),
                    proxy.url().getPort(),
                    services.ports.get(1).port());
            String name = "127.0.0.1:" + proxy.url().getPort();
            var reader = services.reader(remote);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> SplitServices.count(reader, TABLE, Freshness.VISIBLE)
                                    .block(PATIENCE)
                            == 10);
            for (boolean stall : new boolean[] {true, false}) {
                if (stall) {
                    proxy.stall();
                } else {
                    proxy.reset();
                }
                assertThatThrownBy(() -> SplitServices.count(reader, TABLE, Freshness.VISIBLE)
                                .block(PATIENCE))
                        .isInstanceOfSatisfying(WeirException.class, e -> {
                            assertThat(e.code()).isEqualTo(QueryError.HOT_ROWS_UNAVAILABLE);
                            assertThat(e.code().status()).isEqualTo(503);
                            assertThat(e.code().retryable()).isTrue();
                            assertThat(e.detail()).contains("ingest replica " + name, "freshness=committed");
                            assertThat(e.context()).containsEntry("replica", name);
                        });
                assertThat(SplitServices.count(reader, TABLE, Freshness.COMMITTED)
                                .block(PATIENCE))
                        .isEqualTo(10);
            }
            for (int i = 0; i < 20 && !"open".equals(remote.states().get(name)); i++) {
                failure(remote);
            }
            assertThat(remote.states()).containsEntry(name, "open");
            assertThat(failure(remote).detail()).contains(name, "failed lately");
            proxy.heal();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .ignoreExceptions()
                    .until(() -> SplitServices.count(reader, TABLE, Freshness.VISIBLE)
                                    .block(PATIENCE)
                            == 10);
            assertThat(services.meters.find("weir.query.hot").tag("outcome", "failed").timers().stream()
                            .mapToLong(timer -> timer.count())
                            .sum())
                    .isPositive();
        }
    }

    @Test
    void anAnswerThatIsCutOffIsAFailureAndNothingStaysHeld() {
        InternalPort port = port(rows(), Map.of());
        try (FaultProxy proxy = FaultProxy.inFrontOf(URI.create("tcp://127.0.0.1:" + port.port()))) {
            RemoteHotRows remote = remote(Map.of(), proxy.url().getPort());
            for (long bytes : new long[] {10, 300, 20_000, 300_000}) {
                proxy.cutAfter(bytes);
                WeirException failure = failure(remote);
                assertThat(failure.code()).as("cut after %d", bytes).isEqualTo(QueryError.HOT_ROWS_UNAVAILABLE);
            }
            assertThat(remote.memory().usedBytes()).isZero();
        }
        awaitNothingHeld();
    }

    @Test
    void rowsThatDoNotFitAreRefusedAndTheReplicaIsNotBlamed() { // invariant 3
        RemoteHotRows remote = remote(
                Map.of("weir.query.hot-memory", "1MB"), port(rows(), Map.of()).port());
        for (int i = 0; i < 20; i++) {
            assertThat(failure(remote).code()).isEqualTo(CommonError.OVERLOADED);
            assertThat(remote.memory().usedBytes()).isZero();
        }
        assertThat(remote.states().values()).containsOnly("closed");
        awaitNothingHeld();
    }

    @Test
    void aReaderThatLeavesOrStallsHoldsNothing() {
        InternalPort port = port(rows(1_000), Map.of("weir.internal.timeout", "1s")); // more than sockets hold
        try (FaultProxy proxy = FaultProxy.inFrontOf(URI.create("tcp://127.0.0.1:" + port.port()))) {
            proxy.bandwidth(300_000);
            RemoteHotRows remote =
                    remote(Map.of("weir.query.hot-timeout", "60s"), proxy.url().getPort());
            HotHold hold = new HotHold();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Disposable reading = remote.snapshot(TABLE, HotScope.ALL, hold).subscribe(parts -> {}, failure::set);
            Awaitility.await().atMost(PATIENCE).until(() -> held.get() > 0);
            awaitNothingHeld(); // by the timeout of the port
            assertThat(failure.get()).isNull(); // its reader is still reading what is on the way
            reading.dispose();
            hold.close();
            assertThat(remote.memory().usedBytes()).isZero();
        }
        RemoteHotRows direct = remote(Map.of(), port(rows(), Map.of()).port());
        for (int i = 0; i < 20; i++) {
            HotHold hold = new HotHold();
            Disposable reading = direct.snapshot(TABLE, HotScope.ALL, hold).subscribe(parts -> {}, e -> {});
            reading.dispose();
            hold.close();
        }
        awaitNothingHeld();
        Awaitility.await().atMost(PATIENCE).until(() -> direct.memory().usedBytes() == 0);
        assertThat(direct.states().values()).containsOnly("closed");
    }

    @Test
    void moreRequestsThanAllowedAreRefused() {
        HotRows never = new HotRows() {
            @Override
            public Mono<List<HotPart>> snapshot(TableId table, HotHold hold) {
                return Mono.never();
            }
        };
        InternalPort port = port(never, Map.of("weir.internal.max-requests", "1", "weir.internal.timeout", "30s"));
        RemoteHotRows first = remote(Map.of("weir.query.hot-timeout", "60s"), port.port());
        RemoteHotRows second = remote(Map.of("weir.query.hot-timeout", "60s"), port.port());
        HotHold hold = new HotHold();
        Disposable reading = first.snapshot(TABLE, HotScope.ALL, hold).subscribe(parts -> {}, e -> {});
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> failureWithin(second, Duration.ofMillis(200)).contains("status 503"));
        reading.dispose();
        hold.close();
    }

    private static String failureWithin(RemoteHotRows remote, Duration time) {
        try (HotHold hold = new HotHold()) {
            remote.snapshot(TABLE, HotScope.ALL, hold).timeout(time).block(PATIENCE);
            return "";
        } catch (WeirException e) {
            return e.detail();
        } catch (RuntimeException e) {
            return "was let in";
        }
    }

    @Test
    void onlyWhoKnowsTheTokenIsAnsweredAndOddRequestsAreRefused() throws IOException, InterruptedException {
        int port = port(rows(), Map.of()).port();
        String request =
                new String(new HotRequest(TABLE, HotScope.ALL).toJson(), java.nio.charset.StandardCharsets.UTF_8);
        String right = "Bearer " + SplitServices.TOKEN;
        assertThat(status(port, right, request)).isEqualTo(200);
        for (String wrong :
                List.of("Bearer x", "Bearer " + SplitServices.TOKEN + "x", SplitServices.TOKEN, "Bearer ")) {
            assertThat(status(port, wrong, request)).as(wrong).isEqualTo(401);
        }
        assertThat(status(port, right, "{}")).isEqualTo(400);
        assertThat(status(port, right, "x".repeat((4 << 20) + 1))).isEqualTo(413);
        HttpRequest get = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(get, HttpResponse.BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(404);
        awaitNothingHeld();
    }

    private static int status(int port, String authorization, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + HotStream.PATH))
                .header("Authorization", authorization)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofByteArray())
                .statusCode();
    }

    @Test
    void aPortThatIsTakenIsNamed() {
        int taken = port(rows(), Map.of()).port();
        assertThatThrownBy(() -> port(rows(), Map.of("weir.internal.port", "" + taken)))
                .isInstanceOfSatisfying(WeirException.class, e -> {
                    assertThat(e.code()).isEqualTo(CommonError.CONFIGURATION);
                    assertThat(e.detail()).contains("127.0.0.1:" + taken, "weir.internal.port");
                });
    }

    @Test
    void aWrongTokenIsSaidSo() {
        InternalPort port = port(rows(), Map.of("weir.internal.token", "another-token-of-16-characters"));
        assertThat(failure(remote(Map.of(), port.port())).detail()).contains("weir.internal.token");
    }
}
