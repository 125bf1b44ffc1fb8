package io.weir.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.auth.Credentials;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.limit.Quotas;
import io.weir.common.schedule.WeirSchedulers;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** How tokens are verified and remembered. REQUIREMENTS C4, LESSONS 49. */
class TokenAuthenticatorTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration TTL = Duration.ofMinutes(1);
    private static final Principal BOSS = Principal.unrestricted("default", "boss");

    private final AtomicLong nanos = new AtomicLong();
    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return Instant.ofEpochSecond(1_800_000_000).plusNanos(nanos.get());
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final FakeTokens catalog = new FakeTokens();
    private final TokenSeal seal = new TokenSeal(TokenSeal.newKey(new SecureRandom()));
    private final VerificationCache cache = new VerificationCache(100, TTL, nanos::get);
    private final AccessWatch watch =
            new AccessWatch(catalog, cache, new Quotas(nanos::get), AccessSignals.NONE, schedulers.decode());
    private final TokenAuthenticator authenticator =
            new TokenAuthenticator(catalog, seal, cache, schedulers.verify(), clock);
    private final Tokens tokens = new Tokens(catalog, seal, watch, schedulers.verify(), clock, 4);

    @AfterEach
    void close() {
        watch.close();
        schedulers.close();
    }

    private Tokens.Made create(@Nullable Instant expires) {
        Tokens.Wish wish = new Tokens.Wish("default", "gateway", List.of(Grant.ALL), false, expires);
        return tokens.create(BOSS, wish).block(PATIENCE);
    }

    private Principal authenticate(String token) {
        return authenticator.authenticate(new Credentials(token)).block(PATIENCE);
    }

    private void assertRefused(String token, String because) {
        assertThat(authenticator.known(new Credentials(token))).isNull();
        assertThatThrownBy(() -> authenticate(token))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.UNAUTHENTICATED))
                .hasMessageContaining(because);
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void aTokenIsVerifiedOnceAndThenKnown() {
        Tokens.Made made = create(null);
        assertThat(made.text()).matches("weir_[0-9a-f]{24}_[A-Za-z0-9_-]{54}");
        assertThat(authenticator.known(new Credentials(made.text()))).isNull();
        Principal caller = authenticate(made.text());
        assertThat(caller.tokenId()).isEqualTo(made.token().id());
        assertThat(caller.organisation()).isEqualTo("default");
        int asked = catalog.asked.get();
        for (int i = 0; i < 100; i++) {
            assertThat(authenticator.known(new Credentials(made.text()))).isSameAs(caller);
        }
        assertThat(catalog.asked).hasValue(asked);
        assertThat(authenticator.verifications()).isEqualTo(1);
        assertThat(cache.stats().hits()).isEqualTo(100);
        assertThat(cache.stats().misses()).isEqualTo(1);
    }

    @Test
    void theCatalogHasNoSecret() {
        Tokens.Made made = create(null);
        assertThat(catalog.tokens.get(made.token().id()).secretHash()).startsWith("$2a$04$");
        assertThat(made.toString() + catalog.tokens.values() + TokenText.parse(made.text()))
                .doesNotContain(made.text().substring(30));
    }

    @Test
    void whatWasMadeUpCostsNeitherQuestionNorHash() { // no amplification by wrong tokens
        Tokens.Made made = create(null);
        String other = create(null).text();
        int asked = catalog.asked.get();
        assertRefused(made.text().substring(0, 40) + other.substring(40), "not a token of this server");
        assertRefused(other.substring(0, 28) + "0" + made.text().substring(29), "not a token of this server");
        String foreign = new TokenSeal(TokenSeal.newKey(new SecureRandom()))
                .newToken(made.token().id(), new SecureRandom())
                .text();
        assertRefused(foreign, "not a token of this server");
        for (String odd : List.of(
                "", "weir_", "x".repeat(84), made.text() + "x", made.text().toUpperCase(java.util.Locale.ROOT))) {
            assertRefused(odd, "not a token of this server");
        }
        assertThatThrownBy(() -> authenticator.authenticate(Credentials.NONE).block(PATIENCE))
                .hasMessageContaining("this route needs a token");
        assertThat(catalog.asked).hasValue(asked);
        assertThat(authenticator.verifications()).isZero();
        assertThat(cache.stats().size()).isZero();
        assertThat(authenticator.refused()).isEqualTo(9);
    }

    @Test
    void expiryIsLookedAtOnEachHit() { // LESSONS 49
        Tokens.Made made = create(clock.instant().plusSeconds(30));
        authenticate(made.text());
        pass(Duration.ofSeconds(29));
        assertThat(authenticator.known(new Credentials(made.text()))).isNotNull();
        int asked = catalog.asked.get();
        pass(Duration.ofSeconds(1));
        assertRefused(made.text(), "expired at");
        assertThat(catalog.asked).hasValue(asked);
    }

    @Test
    void aRevokedTokenIsRefusedAtOnce() {
        Tokens.Made made = create(null);
        authenticate(made.text());
        tokens.revoke(BOSS, made.token().id()).block(PATIENCE);
        assertRefused(made.text(), "was revoked");
        assertRefused(made.text(), "was revoked");
    }

    @Test
    void aRemovedTokenIsRefusedAndNotAskedForEachTime() {
        Tokens.Made made = create(null);
        authenticate(made.text());
        tokens.remove(BOSS, made.token().id()).block(PATIENCE);
        assertRefused(made.text(), "not known");
        int asked = catalog.asked.get();
        for (int i = 0; i < 10; i++) {
            assertRefused(made.text(), "not known");
        }
        assertThat(catalog.asked).hasValue(asked);
    }

    @Test
    void aQuestionBegunBeforeARevocationIsNotBelievedAfterIt() {
        Tokens.Made made = create(null);
        authenticate(made.text());
        pass(TTL);
        Sinks.Empty<Void> slow = Sinks.empty();
        catalog.gate = slow.asMono();
        AtomicBoolean answered = new AtomicBoolean();
        authenticator
                .authenticate(new Credentials(made.text()))
                .subscribe(caller -> answered.set(true), e -> answered.set(true));
        catalog.gate = Mono.empty();
        tokens.revoke(BOSS, made.token().id()).block(PATIENCE);
        assertRefused(made.text(), "was revoked");
        slow.tryEmitEmpty();
        assertThat(answered).isTrue();
        assertRefused(made.text(), "was revoked");
    }

    @Test
    void changesOfOthersAreFollowed() {
        Tokens.Made made = create(null);
        authenticate(made.text());
        watch.look().block(PATIENCE);
        authenticate(made.text());
        catalog.tokens.computeIfPresent(made.token().id(), (id, token) -> token.revokedAt(clock.instant()));
        assertThat(authenticator.known(new Credentials(made.text()))).isNotNull();
        watch.look().block(PATIENCE); // nothing says that there was a change
        assertThat(authenticator.known(new Credentials(made.text()))).isNotNull();
        catalog.revision.incrementAndGet();
        watch.look().block(PATIENCE);
        assertRefused(made.text(), "was revoked");
    }

    @Test
    void aChangeOfOneTokenCostsNoHashOfTheOthers() {
        Tokens.Made made = create(null);
        authenticate(made.text());
        create(null);
        pass(TTL);
        authenticate(made.text());
        assertThat(authenticator.verifications()).isEqualTo(1);
    }

    @Test
    void aRotatedTokenIsAcceptedInBothFormsUntilItsGraceEnds() {
        Tokens.Made made = create(null);
        authenticate(made.text());
        Tokens.Made next =
                tokens.rotate(BOSS, made.token().id(), Duration.ofMinutes(5)).block(PATIENCE);
        assertThat(next.token().id()).isEqualTo(made.token().id());
        assertThat(next.text()).isNotEqualTo(made.text());
        authenticate(next.text());
        authenticate(made.text());
        pass(Duration.ofMinutes(5));
        authenticate(next.text());
        assertRefused(made.text(), "was replaced by another");
    }

    @Test
    void aReplacedSecretIsHashedOnceHoweverOftenItIsSent() { // no amplification by wrong tokens
        Tokens.Made made = create(null);
        tokens.rotate(BOSS, made.token().id(), Duration.ZERO).block(PATIENCE);
        for (int i = 0; i < 10; i++) {
            assertRefused(made.text(), "was replaced by another");
        }
        assertThat(authenticator.verifications()).isEqualTo(1);
    }

    @Test
    void manyAtOnceAreOneQuestionAndOneHash() {
        Tokens.Made made = create(null);
        Flux.range(0, 200)
                .flatMap(
                        i -> authenticator
                                .authenticate(new Credentials(made.text()))
                                .subscribeOn(Schedulers.parallel()),
                        200)
                .blockLast(PATIENCE);
        assertThat(authenticator.verifications()).isLessThanOrEqualTo(2); // a second when the first had just ended
    }

    @Test
    void theCacheIsBoundedAndSwept() { // REQUIREMENTS C2, C4
        VerificationCache small = new VerificationCache(10, TTL, nanos::get);
        for (int i = 0; i < 100; i++) {
            small.get("id" + i, Mono.just(CachedToken.missing())).block(PATIENCE);
        }
        small.sweep();
        assertThat(small.stats().size()).isLessThanOrEqualTo(10);
        assertThat(small.stats().evictions()).isEqualTo(90);
        pass(TTL.multipliedBy(11));
        small.sweep();
        CacheStats stats = small.stats();
        assertThat(stats.size()).isZero();
        assertThat(stats.expirations()).isEqualTo(10);
        assertThat(stats.lastSwept()).isEqualTo(10);
        assertThat(stats.sweeps()).isEqualTo(2);
        assertThat(stats.maxSize()).isEqualTo(10);
    }

    @Test
    void whenTheCatalogIsAwayWhatIsKnownHoldsForItsTime() {
        Tokens.Made made = create(null);
        authenticate(made.text());
        catalog.gate = Mono.error(new WeirException(CommonError.STORAGE_UNAVAILABLE, "away"));
        watch.look().block(PATIENCE);
        assertThat(authenticator.known(new Credentials(made.text()))).isNotNull();
        pass(TTL);
        assertThatThrownBy(() -> authenticate(made.text()))
                .isInstanceOfSatisfying(
                        WeirException.class,
                        e -> assertThat(e.code().status()).isEqualTo(503)); // not 401, for which agents give up
    }
}
