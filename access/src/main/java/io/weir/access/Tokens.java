package io.weir.access;

import io.weir.common.auth.Grant;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.storage.catalog.AccessCatalog;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.StoredToken;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.security.crypto.bcrypt.BCrypt;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Makes, rotates, revokes and removes tokens. A secret leaves it once, when it is made. Thread-safe; never blocks. */
final class Tokens {

    /** Longest name of a token. */
    static final int LONGEST_NAME = 128;

    /** Longest time for which a secret that was replaced is still accepted. */
    static final Duration LONGEST_GRACE = Duration.ofDays(30);

    private final AccessCatalog catalog;
    private final TokenSeal seal;
    private final Scheduler slow;
    private final Clock clock;
    private final int hashCost;
    private final Function<Mono<?>, Mono<Void>> followed;
    private final SecureRandom random = new SecureRandom();

    /**
     * A token that was just made.
     *
     * @param token what the catalog has of it
     * @param text what its holder sends; known to nobody else, and not to be had again
     */
    record Made(StoredToken token, String text) {

        /** Never shows the text. */
        @Override
        public String toString() {
            return token.toString();
        }
    }

    /**
     * What is wanted of a new token.
     *
     * @param organisation whose it is to be
     * @param name for people
     * @param grants what it may do
     * @param operator whether it also looks after the server
     * @param expires from when on it is not accepted; null for never
     */
    record Wish(
            String organisation,
            String name,
            List<Grant> grants,
            boolean operator,
            @Nullable Instant expires) {}

    /**
     * Tokens of that catalog.
     *
     * @param slow where secrets are made and hashed
     * @param watch is told of each change
     */
    Tokens(AccessCatalog catalog, TokenSeal seal, AccessWatch watch, Scheduler slow, Clock clock, int hashCost) {
        this.catalog = catalog;
        this.seal = seal;
        this.slow = slow;
        this.clock = clock;
        this.hashCost = hashCost;
        this.followed = change -> change.then(watch.changed());
    }

    /** Makes a token for the caller's organisation; for any, or one that looks after the server, only an operator can. */
    Mono<Made> create(Principal caller, Wish wish) {
        return Mono.defer(() -> {
            if (!wish.organisation().equals(caller.organisation()) || wish.operator()) {
                caller.requireOperator();
            }
            return made(wish).flatMap(made -> {
                AuditEntry entry = entry(
                                caller.toString(),
                                wish.organisation(),
                                "token.created",
                                made.token().id())
                        .apply(wish.name() + ": " + made.token().grants() + (wish.operator() ? "; operator" : ""));
                return followed.apply(catalog.addToken(made.token(), entry)).thenReturn(made);
            });
        });
    }

    /** Makes the first token of all, an operator's; empty when there was one before. */
    Mono<Made> createFirst() {
        Wish wish = new Wish(Names.DEFAULT_ORGANISATION, "first operator", List.of(Grant.ALL), true, null);
        return made(wish)
                .flatMap(made -> catalog.addFirstToken(
                                made.token(),
                                entry(
                                                "server",
                                                wish.organisation(),
                                                "token.bootstrapped",
                                                made.token().id())
                                        .apply("operator"))
                        .filter(added -> added)
                        .map(added -> made));
    }

    /** Makes another operator's token, by somebody who has the server's data in hand. */
    Mono<Made> recover(String name) {
        Wish wish = new Wish(Names.DEFAULT_ORGANISATION, name, List.of(Grant.ALL), true, null);
        return made(wish)
                .flatMap(made -> catalog.addToken(
                                made.token(),
                                entry(
                                                "command line",
                                                wish.organisation(),
                                                "token.recovered",
                                                made.token().id())
                                        .apply("operator"))
                        .thenReturn(made));
    }

    private Mono<Made> made(Wish wish) {
        return hashed(() -> {
            byte[] id = new byte[TokenText.ID_BYTES];
            random.nextBytes(id);
            TokenText text = seal.newToken(TokenText.id(id), random);
            StoredToken token = new StoredToken(
                    text.id(),
                    wish.organisation(),
                    wish.name(),
                    GrantText.of(wish.grants()),
                    wish.operator(),
                    hash(text),
                    "",
                    null,
                    clock.instant(),
                    wish.expires(),
                    null);
            return new Made(token, text.text());
        });
    }

    private String hash(TokenText text) {
        return BCrypt.hashpw(text.secretText(), BCrypt.gensalt(hashCost, random));
    }

    private <T> Mono<T> hashed(java.util.concurrent.Callable<T> work) {
        return Mono.fromCallable(work)
                .subscribeOn(slow)
                .onErrorMap(
                        RejectedExecutionException.class,
                        e -> new WeirException(
                                CommonError.OVERLOADED,
                                "too many tokens are being made or verified (expected: fewer at once)"));
    }

    /** Tokens of an organisation; of another than the caller's only an operator sees them. */
    Mono<List<StoredToken>> list(Principal caller, String organisation) {
        if (!organisation.equals(caller.organisation())) {
            caller.requireOperator();
        }
        return catalog.tokens(organisation);
    }

    /** The token of that id, if the caller looks after it. */
    Mono<StoredToken> find(Principal caller, String id) {
        return catalog.token(requireId(id))
                .filter(token -> caller.operator() || token.organisation().equals(caller.organisation()))
                .switchIfEmpty(Mono.error(() -> unknown(id)));
    }

    /** Gives a token another secret; the one before is accepted for that long, zero for not at all. */
    Mono<Made> rotate(Principal caller, String id, Duration grace) {
        return changeable(caller, id)
                .flatMap(found -> hashed(() -> {
                            TokenText text = seal.newToken(id, random);
                            return new Made(found.rotated(hash(text), null), text.text());
                        })
                        .flatMap(next -> change(
                                        caller,
                                        found,
                                        "token.rotated",
                                        "grace " + grace,
                                        token -> token.rotated(
                                                next.token().secretHash(),
                                                grace.isZero()
                                                        ? null
                                                        : clock.instant().plus(grace)))
                                .map(token -> new Made(token, next.text()))));
    }

    /** Has a token refused from now on. */
    Mono<StoredToken> revoke(Principal caller, String id) {
        return changeable(caller, id)
                .flatMap(found -> change(
                        caller, found, "token.revoked", found.name(), token -> token.revokedAt(clock.instant())));
    }

    /** Removes a token. */
    Mono<Void> remove(Principal caller, String id) {
        return changeable(caller, id)
                .flatMap(found -> followed.apply(catalog.removeToken(
                        found.organisation(),
                        id,
                        entry(caller.toString(), found.organisation(), "token.removed", id)
                                .apply(found.name()))));
    }

    /** An operator's token is changed only by operators. */
    private Mono<StoredToken> changeable(Principal caller, String id) {
        return find(caller, id).doOnNext(token -> {
            if (token.operator()) {
                caller.requireOperator();
            }
        });
    }

    private Mono<StoredToken> change(
            Principal caller,
            StoredToken found,
            String act,
            String detail,
            java.util.function.UnaryOperator<StoredToken> change) {
        return catalog.changeToken(
                        found.organisation(),
                        found.id(),
                        change,
                        entry(caller.toString(), found.organisation(), act, found.id())
                                .apply(detail))
                .flatMap(token -> followed.apply(Mono.empty()).thenReturn(token))
                .switchIfEmpty(Mono.error(() -> unknown(found.id())));
    }

    private Function<String, AuditEntry> entry(String actor, String organisation, String act, String subject) {
        return detail -> new AuditEntry(0, clock.instant(), organisation, actor, act, subject, shortened(detail));
    }

    private static String shortened(String detail) {
        return detail.length() > 1000 ? detail.substring(0, 1000) + "…" : detail;
    }

    private static String requireId(String id) {
        if (!TokenText.isId(id)) {
            throw unknown(id);
        }
        return id;
    }

    private static WeirException unknown(String id) {
        return new WeirException(
                CommonError.TOKEN_NOT_FOUND,
                "there is no token " + Names.printable(id),
                Map.of("token", Names.printable(id)));
    }
}
