package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.DatabaseId;
import io.weir.storage.catalog.KeyClaims.Claim;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;

/** What claims of idempotency keys do in every catalog. LESSONS 8, 62; issue 5 item 6. */
abstract class KeyClaimsContract extends CatalogFixture {

    private static final Duration LONG = Duration.ofHours(1);
    private static final Claim KEY = new Claim(IOT, "k");

    private KeyClaims claims() {
        return new R2dbcKeyClaims(connections().factory(), OPERATION);
    }

    @Test
    void aKeyIsOfOneLogUntilItIsGivenBack() {
        KeyClaims claims = claims();
        assertThat(await(claims.claim(KEY, "a", LONG))).isTrue();
        assertThat(await(claims.claim(KEY, "a", LONG))).as("again by the same").isTrue();
        assertThat(await(claims.claim(KEY, "b", LONG))).isFalse();
        Claim foreign = new Claim(new DatabaseId("acme", "iot"), "k");
        assertThat(await(claims.claim(foreign, "b", LONG)))
                .as("of another organisation")
                .isTrue(); // invariant 8
        await(claims.release(KEY, "b"));
        assertThat(await(claims.claim(KEY, "b", LONG)))
                .as("was not b's to give back")
                .isFalse();
        await(claims.release(KEY, "a"));
        await(claims.release(KEY, "a"));
        assertThat(await(claims.claim(KEY, "b", LONG))).isTrue();
        assertThat(await(claims.of("a", 10))).isEmpty();
        assertThat(await(claims.of("b", 10))).containsExactlyInAnyOrder(KEY, foreign);
        assertThat(await(claims.of("b", 1))).hasSize(1);
    }

    @Test
    void aClaimEndsByItself() {
        KeyClaims claims = claims();
        assertThat(await(claims.claim(KEY, "a", Duration.ofMillis(1)))).isTrue();
        Awaitility.await().atMost(PATIENCE).until(() -> await(claims.claim(KEY, "b", LONG)));
        assertThat(await(claims.claim(KEY, "a", LONG))).isFalse();
        assertThat(await(claims.claim(new Claim(IOT, "other"), "a", Duration.ofNanos(1_000))))
                .isTrue();
        Awaitility.await().atMost(PATIENCE).until(() -> await(claims.forgetEnded()) == 1);
        assertThat(await(claims.claim(KEY, "a", LONG)))
                .as("what has not ended stays")
                .isFalse();
    }

    @Test
    void ofManyThatClaimAtOnceOneHasIt() {
        KeyClaims claims = claims();
        List<Boolean> won = await(Flux.range(0, 8)
                .flatMap(n -> claims.claim(KEY, "log" + n, LONG), 8)
                .collectList());
        assertThat(won).hasSize(8).containsOnlyOnce(true);
    }
}
