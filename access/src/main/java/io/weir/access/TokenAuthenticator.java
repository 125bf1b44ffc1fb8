package io.weir.access;

import io.weir.common.auth.Authenticator;
import io.weir.common.auth.Credentials;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.storage.catalog.AccessCatalog;
import io.weir.storage.catalog.StoredToken;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCrypt;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Knows callers by their tokens. Thread-safe; never blocks.
 *
 * <pre>
 *   looks like a token? ─ cached, and this secret verified? ──────────────────────────────────────────▶ principal
 *        │ no                     │ no
 *        ▼                        ▼
 *       401 ◀── no ── sealed? ── cached, or in the catalog? ── not expired, not revoked? ── slow hash ──▶ principal
 * </pre>
 *
 * Only who holds a token that this catalog once gave out gets as far as the catalog and the slow hash, and each wrong
 * secret at most once in a while.
 */
final class TokenAuthenticator implements Authenticator {

    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(() -> {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    });

    private final AccessCatalog catalog;
    private final TokenSeal seal;
    private final VerificationCache cache;
    private final Scheduler verify;
    private final Clock clock;
    private final Map<String, Mono<Boolean>> verifying = new ConcurrentHashMap<>(); // bounded by the scheduler's queue
    private final LongAdder refused = new LongAdder();
    private final LongAdder verified = new LongAdder();

    /** @param verify where slow hashes are computed */
    TokenAuthenticator(AccessCatalog catalog, TokenSeal seal, VerificationCache cache, Scheduler verify, Clock clock) {
        this.catalog = catalog;
        this.seal = seal;
        this.cache = cache;
        this.verify = verify;
        this.clock = clock;
    }

    @Override
    public @Nullable Principal known(Credentials credentials) {
        String token = credentials.token();
        String id = token == null ? null : TokenText.idOf(token);
        CachedToken cached = id == null ? null : cache.find(id);
        if (token == null || cached == null || cached.fault(clock.instant()) != null) {
            return null;
        }
        if (cached.standing(digest(token), clock.instant()) != CachedToken.Standing.RIGHT) {
            return null;
        }
        cache.hit();
        return cached.principal();
    }

    @Override
    public Mono<Principal> authenticate(Credentials credentials) {
        return Mono.defer(() -> {
                    String token = credentials.token();
                    if (token == null) {
                        throw unauthenticated("this route needs a token"
                                + " (expected: Authorization: Bearer TOKEN, or one of its alternatives)");
                    }
                    TokenText parts = TokenText.parse(token);
                    if (parts == null || !seal.holds(parts)) {
                        throw unauthenticated(
                                "what was shown is not a token of this server (expected: weir_…, as it was given out)");
                    }
                    byte[] digest = digest(token);
                    return cache.get(parts.id(), load(parts.id())).flatMap(cached -> principal(cached, parts, digest));
                })
                .doOnError(WeirException.class, e -> count(e, refused));
    }

    private static void count(WeirException failure, LongAdder refused) {
        if (failure.code() == CommonError.UNAUTHENTICATED) {
            refused.increment();
        }
    }

    private Mono<CachedToken> load(String id) {
        return catalog.token(id).map(CachedToken::of).defaultIfEmpty(CachedToken.missing());
    }

    private Mono<Principal> principal(CachedToken cached, TokenText parts, byte[] digest) {
        String fault = cached.fault(clock.instant());
        if (fault != null) {
            throw unauthenticated(fault);
        }
        Mono<Boolean> right = switch (cached.standing(digest, clock.instant())) {
            case RIGHT -> Mono.just(true);
            case WRONG -> Mono.just(false);
            case UNKNOWN -> verified(cached, parts, digest);
        };
        return right.map(yes -> {
            if (!yes) {
                throw unauthenticated("this token was replaced by another (expected: the one that was given out last)");
            }
            return cached.principal();
        });
    }

    /** Compares with the hashes on a thread that may take its time; those who ask at once wait for one comparison. */
    private Mono<Boolean> verified(CachedToken cached, TokenText parts, byte[] digest) {
        String secret = parts.secretText();
        return verifying.computeIfAbsent(
                parts.id() + secret,
                absent -> Mono.fromCallable(() -> compare(cached, secret, digest))
                        .subscribeOn(verify)
                        .onErrorMap(
                                RejectedExecutionException.class,
                                e -> new WeirException(
                                        CommonError.OVERLOADED,
                                        "too many tokens are being verified (expected: fewer new ones at once)"))
                        .doFinally(signal -> verifying.remove(parts.id() + secret))
                        .cache());
    }

    private boolean compare(CachedToken cached, String secret, byte[] digest) {
        StoredToken token = cached.token();
        if (token == null) {
            return false;
        }
        verified.increment();
        if (BCrypt.checkpw(secret, token.secretHash())) {
            cached.isCurrent(digest);
            return true;
        }
        if (cached.toleratesPrevious(clock.instant()) && BCrypt.checkpw(secret, token.previousHash())) {
            cached.isPrevious(digest);
            return true;
        }
        cached.isWrong(digest);
        return false;
    }

    private static byte[] digest(String token) {
        MessageDigest digest = SHA_256.get();
        for (int i = 0; i < token.length(); i++) {
            digest.update((byte) token.charAt(i)); // a token is ASCII, or is none and has no digest to be equal to
        }
        return digest.digest();
    }

    private static WeirException unauthenticated(String detail) {
        return new WeirException(CommonError.UNAUTHENTICATED, detail);
    }

    /** Requests refused for want of a valid token. */
    long refused() {
        return refused.sum();
    }

    /** Secrets compared with slow hashes. */
    long verifications() {
        return verified.sum();
    }
}
