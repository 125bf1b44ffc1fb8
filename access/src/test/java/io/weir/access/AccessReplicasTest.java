package io.weir.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.auth.Credentials;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Principal;
import io.weir.common.limit.OrganisationLimits;
import io.weir.common.limit.Quotas;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.signal.Signal;
import io.weir.common.signal.Signals;
import io.weir.common.supervise.Supervisor;
import io.weir.storage.catalog.AccessCatalog;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.Organisation;
import io.weir.storage.catalog.R2dbcAccessCatalog;
import io.weir.storage.catalog.R2dbcCatalog;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** Two processes over one catalog. REQUIREMENTS C4: a revocation holds on every replica. */
class AccessReplicasTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Principal BOSS = Principal.unrestricted("default", "boss");

    private final AuthSettings settings =
            AuthSettingsTest.bind("hash-cost", "4", "cache-ttl", "1h", "cache-sweep", "50ms", "revision-poll", "50ms");
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final Quotas quotas = new Quotas(System::nanoTime);

    @TempDir
    private Path directory;

    private CatalogConnections connections;
    private AccessCatalog catalog;
    private AccessService here;
    private AccessService there;

    @BeforeEach
    void open() {
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE)
                .migrate()
                .block(PATIENCE);
        catalog = new R2dbcAccessCatalog(connections.factory(), PATIENCE, 100);
        here = service(new Quotas(System::nanoTime));
        there = service(quotas);
        there.start();
    }

    private AccessService service(Quotas limits) {
        return AccessService.open(catalog, settings, limits, AccessSignals.NONE, schedulers, Clock.systemUTC())
                .block(PATIENCE);
    }

    @AfterEach
    void close() {
        here.close();
        there.close();
        schedulers.close();
        connections.close().block(PATIENCE);
    }

    @Test
    void aRevocationHereHoldsThere() {
        Tokens.Made made = here.tokens()
                .create(BOSS, new Tokens.Wish("default", "gateway", List.of(Grant.ALL), false, null))
                .block(PATIENCE);
        Credentials credentials = new Credentials(made.text());
        assertThat(there.authenticator()
                        .authenticate(credentials)
                        .block(PATIENCE)
                        .name())
                .isEqualTo("gateway");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> there.authenticator().authenticate(credentials).block(PATIENCE) != null);
        here.tokens().revoke(BOSS, made.token().id()).block(PATIENCE);
        assertThatThrownBy(() -> here.authenticator().authenticate(credentials).block(PATIENCE))
                .hasMessageContaining("was revoked");
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThatThrownBy(() ->
                                there.authenticator().authenticate(credentials).block(PATIENCE))
                        .hasMessageContaining("was revoked"));
    }

    /** Two processes that tell each other, and look by themselves too rarely to matter. */
    @Test
    void whatIsToldNeedNotBeLookedFor() {
        AuthSettings patient = AuthSettingsTest.bind("hash-cost", "4", "cache-ttl", "1h", "revision-poll", "1s");
        Bus bus = new Bus();
        try (AccessService teller = service(patient, bus.signals());
                AccessService listener = service(patient, bus.signals())) {
            listener.start();
            long start = System.nanoTime();
            int revocations = 10;
            for (int i = 0; i < revocations; i++) {
                Tokens.Made made = teller.tokens()
                        .create(BOSS, new Tokens.Wish("default", "gateway", List.of(Grant.ALL), false, null))
                        .block(PATIENCE);
                Credentials credentials = new Credentials(made.text());
                listener.authenticator().authenticate(credentials).block(PATIENCE);
                int before = bus.told.get();
                teller.tokens().revoke(BOSS, made.token().id()).block(PATIENCE);
                assertThat(bus.told.get()).isGreaterThan(before);
                Awaitility.await()
                        .atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> listener.authenticator()
                                .authenticate(credentials)
                                .map(caller -> false)
                                .onErrorReturn(true)
                                .block(PATIENCE));
            }
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("looking by itself would have taken half a second each")
                    .isLessThan(Duration.ofMillis(500L * revocations));
        }
    }

    /** Signals of processes that hear each other at once. */
    private static final class Bus {

        private final Sinks.Many<Object> all = Sinks.many().multicast().directBestEffort();
        private final AtomicInteger told = new AtomicInteger();

        Signals signals() {
            return new Signals() {
                @Override
                public void publish(String channel, byte[] message) {
                    assertThat(channel).isEqualTo(AccessSignals.CHANNEL);
                    told.incrementAndGet();
                    all.tryEmitNext(this);
                }

                @Override
                public Flux<Signal> listen(String channel) {
                    return all.asFlux().filter(by -> by != this).map(by -> new Signal.Message(new byte[0]));
                }
            };
        }
    }

    private AccessService service(AuthSettings with, Signals signals) {
        return AccessService.open(
                        catalog,
                        with,
                        new Quotas(System::nanoTime),
                        AccessSignals.over(signals),
                        schedulers,
                        Clock.systemUTC())
                .block(PATIENCE);
    }

    @Test
    void limitsSetHereHoldThere() {
        OrganisationLimits limits = new OrganisationLimits(1, 2, 3, 4, 5);
        catalog.addOrganisation(
                        new Organisation("acme", Instant.EPOCH, limits),
                        new AuditEntry(0, Instant.EPOCH, "acme", "tester", "act", "acme", ""))
                .block(PATIENCE);
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(quotas.limits("acme")).isEqualTo(limits));
    }

    @Test
    void theCacheIsSweptInTheBackground() {
        try (Supervisor supervisor = new Supervisor(
                List.of(there.cacheSweep()), schedulers.io(), Clock.systemUTC(), new SimpleMeterRegistry())) {
            supervisor.start();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(there.stats().sweeps()).isGreaterThan(1));
        }
    }

    @Test
    void theFirstTokenIsGivenOnceAndAnyReplicaKnowsIt() {
        String first = here.firstToken().block(PATIENCE);
        assertThat(there.firstToken().block(PATIENCE)).isNull();
        assertThat(there.authenticator()
                        .authenticate(new Credentials(first))
                        .block(PATIENCE)
                        .operator())
                .isTrue();
    }
}
