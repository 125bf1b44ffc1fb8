package io.weir.storage.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A token as the catalog has it: everything but the secret.
 *
 * @param id what it is found by; part of the token and no secret
 * @param organisation whose it is
 * @param name for people
 * @param grants what it may do, as text that its owner understands
 * @param operator whether it also looks after the server
 * @param secretHash slow hash of its secret
 * @param previousHash slow hash of the secret it had before it was rotated; empty for none
 * @param previousUntil until when that one is accepted too; null for not at all
 * @param created when it was made
 * @param expires from when on it is not accepted; null for never
 * @param revoked when it was revoked; null when it was not
 */
public record StoredToken(
        String id,
        String organisation,
        String name,
        String grants,
        boolean operator,
        String secretHash,
        String previousHash,
        @Nullable Instant previousUntil,
        Instant created,
        @Nullable Instant expires,
        @Nullable Instant revoked) {

    /** The same with another secret, the one before accepted until then. */
    public StoredToken rotated(String newHash, @Nullable Instant oldUntil) {
        return new StoredToken(
                id,
                organisation,
                name,
                grants,
                operator,
                newHash,
                oldUntil == null ? "" : secretHash,
                oldUntil,
                created,
                expires,
                revoked);
    }

    /** The same, not accepted any more. */
    public StoredToken revokedAt(Instant time) {
        return new StoredToken(
                id,
                organisation,
                name,
                grants,
                operator,
                secretHash,
                previousHash,
                previousUntil,
                created,
                expires,
                revoked == null ? time : revoked);
    }

    /** Never shows hashes. */
    @Override
    public String toString() {
        return "token " + id + " of " + organisation;
    }
}
