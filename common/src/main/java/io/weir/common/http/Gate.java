package io.weir.common.http;

import io.weir.common.auth.Authenticator;
import io.weir.common.auth.Credentials;
import io.weir.common.auth.Principal;
import io.weir.common.error.WeirException;
import io.weir.common.limit.Quotas;
import io.weir.common.limit.RateLimits;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.reactive.function.server.HandlerFilterFunction;
import org.springframework.web.reactive.function.server.HandlerFunction;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/**
 * Stands between the router and every handler: who asks, may they, and not too often. All of it is decided by the
 * headers, before a byte of the body is read. Thread-safe; never blocks.
 *
 * <pre>
 *   route ── address not too often ── token ── permission ── token not too often ── quota of the organisation ──▶ handler
 * </pre>
 */
public final class Gate implements HandlerFilterFunction<ServerResponse, ServerResponse> {

    private final Authenticator authenticator;
    private final RateLimits rates;
    private final Quotas quotas;

    /** A gate that asks that authenticator, and holds callers to those limits. */
    public Gate(Authenticator authenticator, RateLimits rates, Quotas quotas) {
        this.authenticator = authenticator;
        this.rates = rates;
        this.quotas = quotas;
    }

    /** A gate without limits. */
    public static Gate of(Authenticator authenticator) {
        return new Gate(authenticator, RateLimits.NONE, new Quotas(System::nanoTime));
    }

    @Override
    public Mono<ServerResponse> filter(ServerRequest request, HandlerFunction<ServerResponse> chosen) {
        GuardedHandler handler = chosen instanceof GuardedHandler guarded ? guarded : Access.OPERATOR.to(chosen);
        return handler.access() == Access.PUBLIC ? open(request, handler) : guarded(request, handler);
    }

    /** Tells the handler who asks when that is known anyhow; it may answer less to those who are not known. */
    private Mono<ServerResponse> open(ServerRequest request, GuardedHandler handler) {
        Principal known = authenticator.known(Credentials.of(request.exchange().getRequest()));
        if (known != null) {
            RequestContext.set(request.exchange(), known);
        }
        return handler.handle(request);
    }

    private Mono<ServerResponse> guarded(ServerRequest request, GuardedHandler handler) {
        Credentials credentials;
        Principal known;
        try {
            if (handler.access() == Access.WRITE) {
                ServerHttpRequest http = request.exchange().getRequest();
                rates.admitAddress(http.getRemoteAddress(), http.getHeaders());
            }
            credentials = authenticator.open()
                    ? Credentials.NONE
                    : Credentials.of(request.exchange().getRequest());
            known = authenticator.known(credentials);
            if (known != null) {
                admit(request, handler, known);
            }
        } catch (WeirException refused) {
            return handler.refuse(refused, request);
        }
        return known != null ? handler.handle(request) : authenticated(request, handler, credentials);
    }

    private Mono<ServerResponse> authenticated(ServerRequest request, GuardedHandler handler, Credentials credentials) {
        return authenticator
                .authenticate(credentials)
                .<HandlerFunction<ServerResponse>>map(principal -> {
                    admit(request, handler, principal);
                    return handler;
                })
                .onErrorResume(failure -> Mono.just(refused -> handler.refuse(failure, refused)))
                .flatMap(next -> next.handle(request));
    }

    private void admit(ServerRequest request, GuardedHandler handler, Principal principal) {
        handler.access().require(principal);
        if (handler.access() == Access.WRITE) {
            rates.admitToken(principal.tokenId());
            quotas.requireWrite(principal.organisation());
        }
        RequestContext.set(request.exchange(), principal);
    }
}
