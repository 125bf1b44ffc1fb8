package io.weir.access;

import io.weir.common.auth.Principal;
import io.weir.storage.catalog.StoredToken;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the token with one id: how the catalog has it, and which secrets were compared with its hashes. Secrets
 * themselves are not kept, only digests. Thread-safe.
 */
final class CachedToken {

    private static final int MOST_WRONG = 4;

    private final @Nullable StoredToken token;
    private final @Nullable Principal principal;
    private volatile byte @Nullable [] current;
    private volatile byte @Nullable [] previous;
    private final List<byte[]> wrong = new ArrayList<>();

    /** What a secret is for a token. */
    enum Standing {
        /** It is the token's, or was until a moment ago that is still tolerated. */
        RIGHT,
        /** It never was, or is not any more. */
        WRONG,
        /** Nobody has compared it with the hashes yet. */
        UNKNOWN
    }

    /** That there is no token of that id. */
    static CachedToken missing() {
        return new CachedToken(null, null);
    }

    static CachedToken of(StoredToken token) {
        return new CachedToken(
                token,
                new Principal(
                        token.organisation(),
                        token.name(),
                        token.id(),
                        GrantText.parse(token.grants()),
                        token.operator()));
    }

    private CachedToken(@Nullable StoredToken token, @Nullable Principal principal) {
        this.token = token;
        this.principal = principal;
    }

    /** Takes over what was found out about secrets while the hashes were the same. */
    CachedToken after(@Nullable CachedToken before) {
        if (before != null && before.token != null && token != null) {
            if (before.token.secretHash().equals(token.secretHash())) {
                current = before.current;
            } else if (before.token.secretHash().equals(token.previousHash())) {
                previous = before.current;
            }
            if (before.token.previousHash().equals(token.previousHash()) && previous == null) {
                previous = before.previous;
            }
        }
        return this;
    }

    @Nullable
    StoredToken token() {
        return token;
    }

    Principal principal() {
        return Objects.requireNonNull(principal, "there is no such token");
    }

    /** Why no secret of it would do now; null when one would. */
    @Nullable
    String fault(Instant now) {
        if (token == null) {
            return "this token is not known (expected: one that was not removed)";
        }
        if (token.revoked() != null) {
            return "this token was revoked (expected: one that was not)";
        }
        if (token.expires() != null && !now.isBefore(token.expires())) {
            return "this token expired at " + token.expires() + " (expected: one that has not)";
        }
        return null;
    }

    Standing standing(byte[] digest, Instant now) {
        byte[] accepted = current;
        if (accepted != null && MessageDigest.isEqual(accepted, digest)) {
            return Standing.RIGHT;
        }
        byte[] tolerated = previous;
        if (tolerated != null && MessageDigest.isEqual(tolerated, digest)) {
            return toleratesPrevious(now) ? Standing.RIGHT : Standing.WRONG;
        }
        synchronized (wrong) { // a few comparisons
            for (byte[] known : wrong) {
                if (MessageDigest.isEqual(known, digest)) {
                    return Standing.WRONG;
                }
            }
        }
        return Standing.UNKNOWN;
    }

    boolean toleratesPrevious(Instant now) {
        return token != null
                && !token.previousHash().isEmpty()
                && token.previousUntil() != null
                && now.isBefore(token.previousUntil());
    }

    void isCurrent(byte[] digest) {
        current = digest;
    }

    void isPrevious(byte[] digest) {
        previous = digest;
    }

    void isWrong(byte[] digest) {
        synchronized (wrong) {
            if (wrong.size() == MOST_WRONG) {
                wrong.remove(0);
            }
            wrong.add(digest);
        }
    }
}
