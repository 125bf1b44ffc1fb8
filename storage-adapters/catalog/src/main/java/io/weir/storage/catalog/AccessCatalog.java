package io.weir.storage.catalog;

import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Organisations, their tokens, and what was done with both. Every change is one transaction with its audit entry and the
 * next revision, which tells other processes that there was one. Errors are {@link io.weir.common.error.WeirException}s
 * as those of {@link Catalog}. Thread-safe, and never blocks.
 */
public interface AccessCatalog {

    /** Most tokens that an organisation, and most organisations that a catalog can have. */
    int MOST_ROWS = 10_000;

    /** What processes share. The first one that asks gives the key. */
    Mono<AccessState> state(String keyIfNew);

    /** How often anything was changed; cheap enough to be asked every second. */
    Mono<Long> revision();

    /** The token of that id, revoked and expired ones too; empty when there is none. */
    Mono<StoredToken> token(String id);

    /** Tokens of an organisation, in order of id. */
    Mono<List<StoredToken>> tokens(String organisation);

    /**
     * Adds a token.
     *
     * @return an error {@code organisation-not-found}, or {@code conflict} when the organisation has as many as it can
     */
    Mono<Void> addToken(StoredToken token, AuditEntry entry);

    /** Adds the first token of all; false, and nothing happens, when there was one before, whatever became of it. */
    Mono<Boolean> addFirstToken(StoredToken token, AuditEntry entry);

    /**
     * Changes a token.
     *
     * @param organisation whose it must be, or null for anybody's
     * @return the token as it is now; empty when there is none
     */
    Mono<StoredToken> changeToken(
            @Nullable String organisation, String id, UnaryOperator<StoredToken> change, AuditEntry entry);

    /** Removes a token; false when there is none. {@code organisation} as for {@link #changeToken}. */
    Mono<Boolean> removeToken(@Nullable String organisation, String id, AuditEntry entry);

    /** All organisations, in order of name. */
    Mono<List<Organisation>> organisations();

    /** Adds an organisation; an error {@code conflict} when it exists, or when there are as many as there can be. */
    Mono<Void> addOrganisation(Organisation organisation, AuditEntry entry);

    /** Sets an organisation's limits; false when there is none of that name. */
    Mono<Boolean> changeOrganisation(Organisation organisation, AuditEntry entry);

    /**
     * Removes an organisation and its tokens; false when there is none.
     *
     * @return an error {@code conflict} while it has databases
     */
    Mono<Boolean> removeOrganisation(String name, AuditEntry entry);

    /**
     * Acts, latest first.
     *
     * @param organisation whose, or null for all
     * @param before only acts with smaller ids
     * @param atMost most that are returned
     */
    Mono<List<AuditEntry>> audit(@Nullable String organisation, long before, int atMost);
}
