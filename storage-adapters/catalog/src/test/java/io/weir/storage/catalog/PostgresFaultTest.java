package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.WeirException;
import io.weir.testing.FaultProxy;
import io.weir.testing.PostgresPeer;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A PostgreSQL that goes away, or says nothing, and comes back. REQUIREMENTS S2, S5, T3. */
class PostgresFaultTest extends CatalogFixture {

    /** How a COMMIT begins on the wire: a simple query of 11 bytes. */
    private static final String COMMIT = "(?s)Q.{4}COMMIT";

    private static final PoolLimits SHORT = new PoolLimits(
            4,
            10,
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofMinutes(1),
            Duration.ofMinutes(1));

    private final PostgresPeer peer = PostgresPeer.find();
    private final FaultProxy proxy = FaultProxy.inFrontOf(peer.server());
    private final String schema = PostgresCatalogTest.newSchema();
    private CatalogConnections shortLived;
    private Catalog catalog;

    @Override
    CatalogConnections open(String name) {
        return PostgresCatalogTest.open(peer, schema + name, PoolLimits.of(4));
    }

    @BeforeEach
    void connectThroughTheProxy() {
        prepareCpu();
        await(catalog().commit(flush("f", 1, 9, 2)));
        shortLived = PostgresCatalogTest.open(peer.at(proxy.url()), schema + "catalog", SHORT);
        catalog = new R2dbcCatalog(shortLived.factory(), Clock.systemUTC(), Duration.ofSeconds(3));
        assertThat(files()).hasSize(2);
    }

    @AfterEach
    void whateverHappenedConnectionsComeBack() {
        proxy.heal();
        Awaitility.await().atMost(PATIENCE).until(() -> shortLived.acquired() == 0 && shortLived.pending() == 0);
        await(shortLived.close());
        proxy.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aConnectionThatIsCutAtCommitIsAnUnknownOutcomeAndARepeatedCommitIsOne(boolean serverHasDoneIt) { // LESSONS 15
        cutAtCommit(serverHasDoneIt);
        assertThat(ChangeContract.failure(catalog.commit(flush("g", 10, 12, 1))))
                .isEqualTo(CatalogError.COMMIT_UNKNOWN);
        assertThat(files()).hasSize(serverHasDoneIt ? 3 : 2);
        await(catalog.commit(flush("g", 10, 12, 1)));
        assertThat(files()).containsExactlyInAnyOrder("f-0", "f-1", "g-0");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRepeatedChangeAfterAnUnknownOutcomeIsNoConflict(boolean serverHasDoneIt) { // LESSONS 15, 19
        FileChange change = ChangeContract.merge("c", "f-0", "f-1");
        cutAtCommit(serverHasDoneIt);
        WeirException unknown = ChangeContract.refusal(catalog.change(change));
        assertThat(unknown.code()).isEqualTo(CatalogError.COMMIT_UNKNOWN);
        assertThat(unknown)
                .hasMessageContaining("the catalog did not say whether it could change files of default/iot/cpu");
        await(catalog.change(change));
        assertThat(files()).containsExactly("c-out");
    }

    private void cutAtCommit(boolean serverHasDoneIt) {
        if (serverHasDoneIt) {
            proxy.commitThenFail(COMMIT, 1);
        } else {
            proxy.failBefore(COMMIT, 1);
        }
    }

    @Test
    void aServerThatIsGoneIsUnavailableAndFoundAgain() {
        proxy.reset();
        for (int i = 0; i < 20; i++) {
            assertThat(ChangeContract.failure(catalog.commit(flush("g", 10, 12, 1))))
                    .isEqualTo(CatalogError.CATALOG_UNAVAILABLE);
        }
        assertThat(ChangeContract.failure(catalog.snapshot(CPU, List.of())))
                .isEqualTo(CatalogError.CATALOG_UNAVAILABLE);
        proxy.heal();
        await(catalog.commit(flush("g", 10, 12, 1)));
        assertThat(files()).hasSize(3);
    }

    @Test
    void aServerThatSaysNothingIsGivenUpAndItsConnectionsAreGivenBack() { // REQUIREMENTS S2
        proxy.stall();
        List<Object> outcomes = await(Flux.range(0, 12)
                .flatMap(
                        n -> catalog.commit(flush("g", 10, 12, 1))
                                .<Object>thenReturn("done")
                                .onErrorResume(e -> Mono.just(((WeirException) e).code())),
                        12)
                .collectList());
        assertThat(outcomes).hasSize(12).containsOnly(CatalogError.CATALOG_UNAVAILABLE);
        Awaitility.await().atMost(PATIENCE).until(() -> shortLived.acquired() == 0); // while it still says nothing
        assertThat(ChangeContract.failure(catalog.databases("default").then()))
                .as("a new connection")
                .isEqualTo(CatalogError.CATALOG_UNAVAILABLE);
        proxy.heal();
        await(catalog.commit(flush("g", 10, 12, 1)));
        assertThat(files()).hasSize(3);
    }

    @Test
    void aCommitThatTakesLongerThanItsClientWaitsIsAnUnknownOutcome() {
        FileChange change = ChangeContract.merge("c", "f-0", "f-1");
        await(sql().sql("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS"
                        + " $$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$")
                .then());
        await(sql().sql("CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON file_changes DEFERRABLE INITIALLY DEFERRED"
                        + " FOR EACH ROW EXECUTE FUNCTION slow()")
                .then());
        assertThat(ChangeContract.failure(catalog.change(change))).isEqualTo(CatalogError.COMMIT_UNKNOWN);
        await(sql().sql("DROP TRIGGER slow ON file_changes").then());
        await(catalog.change(change));
        assertThat(files()).containsExactly("c-out");
    }

    @Test
    void moreThanMayWaitForAConnectionFailAtOnce() { // REQUIREMENTS Q2
        proxy.latency(Duration.ofMillis(100));
        List<Object> outcomes = await(Flux.range(0, 40)
                .flatMap(
                        n -> catalog.databases("default")
                                .then(Mono.<Object>just("done"))
                                .onErrorResume(e -> Mono.just(((WeirException) e).code())),
                        40)
                .collectList());
        assertThat(outcomes).contains("done", CatalogError.CATALOG_UNAVAILABLE).hasSize(40);
    }

    private List<String> files() {
        return await(catalog.snapshot(CPU, List.of())).files().stream()
                .map(DataFile::objectKey)
                .toList();
    }
}
