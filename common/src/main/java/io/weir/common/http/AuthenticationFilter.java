package io.weir.common.http;

import io.weir.common.auth.Authenticator;
import io.weir.common.auth.Credentials;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Authenticates every request from its headers, before any handler can ask for its body. */
final class AuthenticationFilter implements WebFilter {

    private final Authenticator authenticator;

    AuthenticationFilter(Authenticator authenticator) {
        this.authenticator = authenticator;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        return authenticator
                .authenticate(Credentials.of(exchange.getRequest()))
                .doOnNext(principal -> exchange.getAttributes().put(RequestContext.PRINCIPAL, principal))
                .then(chain.filter(exchange));
    }
}
