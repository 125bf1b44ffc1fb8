package io.weir.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.auth.Credentials;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Principal;
import io.weir.common.limit.OrganisationLimits;
import io.weir.common.limit.Quotas;
import io.weir.common.schedule.WeirSchedulers;
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
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(there.stats().sweeps()).isGreaterThan(1));
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
