package io.weir.common.http;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Who may use a route, said where the route is made: {@code .POST("/write", Access.WRITE.to(this::write))}. What a route
 * does with a certain database its handler checks besides, by {@link Principal#database}. A route that says nothing is for
 * operators.
 */
public enum Access {
    /** Everybody, without a token. */
    PUBLIC(null),
    /** Whoever has a token. */
    ANY_TOKEN(null),
    /** Tokens that may read some database. */
    READ(Permission.READ),
    /** Tokens that may write some database. Requests are counted, by address and by token. */
    WRITE(Permission.WRITE),
    /** Tokens that may delete from some database. */
    DELETE(Permission.DELETE),
    /** Tokens that look after their organisation. */
    ADMIN(Permission.ADMIN),
    /** Tokens that look after the server. */
    OPERATOR(null);

    private final @Nullable Permission permission;

    Access(@Nullable Permission permission) {
        this.permission = permission;
    }

    /** A handler that only callers with this access reach. */
    public GuardedHandler to(HandlerFunction<ServerResponse> handler) {
        return new GuardedHandler(this, handler, null);
    }

    /** As above, with an answer of its own to those who do not reach it. */
    public GuardedHandler to(HandlerFunction<ServerResponse> handler, GuardedHandler.Refusal refusal) {
        return new GuardedHandler(this, handler, refusal);
    }

    /** Fails with {@code forbidden} unless that caller has this access. */
    void require(Principal principal) {
        switch (this) {
            case PUBLIC, ANY_TOKEN -> {}
            case ADMIN -> principal.requireAdministers();
            case OPERATOR -> principal.requireOperator();
            default -> {
                if (permission != null) {
                    principal.require(permission);
                }
            }
        }
    }
}
