package io.weir.common.http;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Gives every request an id: the client's {@code X-Request-Id} when it is short and printable, else a new one. */
final class RequestIdFilter implements WebFilter {

    static final String HEADER = "X-Request-Id";
    private static final int MAX_LENGTH = 128;

    private final RequestObserver observer;

    RequestIdFilter() {
        this(RequestObserver.NONE);
    }

    /** Tells of every request, besides. */
    RequestIdFilter(RequestObserver observer) {
        this.observer = observer;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String given = exchange.getRequest().getHeaders().getFirst(HEADER);
        String id = given != null && isAcceptable(given) ? given : newId();
        RequestContext.set(exchange, id);
        exchange.getResponse().getHeaders().set(HEADER, id);
        Mono<Void> handling = chain.filter(exchange);
        return new RequestScope(
                RequestIds.areLogged()
                        ? handling.contextWrite(context -> context.put(RequestContext.REQUEST_ID, id))
                        : handling,
                exchange,
                id,
                observer);
    }

    /** Unique enough for a log, and made without reading a device, as secure randomness would on the event loop. */
    private static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()).concat(hex.toHexDigits(random.nextLong()));
    }

    private static boolean isAcceptable(String id) {
        return !id.isEmpty() && id.length() <= MAX_LENGTH && id.chars().allMatch(c -> c > ' ' && c < 127);
    }
}
