package io.weir.query.tail;

import io.netty.channel.Channel;
import io.weir.common.auth.Credentials;
import io.weir.common.auth.Principal;
import io.weir.common.http.RequestContext;
import io.weir.query.condition.Condition;
import io.weir.query.plan.ConditionText;
import io.weir.query.plan.StatementParser;
import io.weir.storage.duckdb.DuckDbEngine;
import java.time.Duration;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.reactive.socket.server.support.HandshakeWebSocketService;
import org.springframework.web.reactive.socket.server.upgrade.ReactorNettyRequestUpgradeStrategy;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerRequest;

/** Answers {@code GET /api/v1/subscribe}. What is wrong is said before a connection becomes anything else. Thread-safe. */
final class TailHandler {

    private static final Duration PARSE_LIMIT = Duration.ofSeconds(10);

    private final Tail tail;
    private final TailSettings settings;
    private final DuckDbEngine engine;
    private final HandshakeWebSocketService handshake =
            new HandshakeWebSocketService(new ReactorNettyRequestUpgradeStrategy());

    /** @param engine whose parser reads conditions */
    TailHandler(Tail tail, TailSettings settings, DuckDbEngine engine) {
        this.tail = tail;
        this.settings = settings;
        this.engine = engine;
        TailText.prepare();
    }

    Mono<ServerResponse> subscribe(ServerRequest request) {
        TailRequest wanted = TailRequest.of(request, settings.allowedOrigins());
        Principal caller = RequestContext.principal(request);
        return condition(wanted.where())
                .map(condition -> new Subscription(
                        wanted.table(), wanted.format(), wanted.onSlow(), wanted.where(), condition.orElse(null)))
                .flatMap(subscription -> wanted.webSocket()
                        ? ServerResponse.ok()
                                .build((exchange, context) -> upgrade(exchange, open(subscription, caller, exchange)))
                        : ServerResponse.ok()
                                .contentType(MediaType.TEXT_EVENT_STREAM)
                                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                                .build((exchange, context) -> stream(exchange, open(subscription, caller, exchange))));
    }

    private Mono<Optional<Condition>> condition(String where) {
        if (where.isEmpty()) {
            return Mono.just(Optional.empty());
        }
        return engine.withSession(
                        PARSE_LIMIT,
                        session -> session.run(connection -> ConditionText.read(
                                        where, sql -> connection.text(StatementParser.TREE_SQL, sql)))
                                .flux())
                .next()
                .map(text -> Optional.of(Condition.of(text)));
    }

    /** Not before the answer is written, so that whatever happens before leaves no reader behind. */
    private TailReader open(Subscription subscription, Principal caller, ServerWebExchange exchange) {
        return tail.open(subscription, caller, Credentials.of(exchange.getRequest()));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // nothing is left to do when it is closed
    private Mono<Void> upgrade(ServerWebExchange exchange, TailReader reader) {
        HttpServerRequest server = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        server.withConnection(connection -> {
            Channel channel = connection.channel();
            reader.onBreakOff(channel::close);
            // For a connection that breaks before it has become a WebSocket.
            channel.closeFuture().addListener(done -> reader.leave());
        });
        return handshake.handleRequest(exchange, new WebSocketTail(reader)).doOnError(failure -> reader.leave());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // as above
    private static Mono<Void> stream(ServerWebExchange exchange, TailReader reader) {
        HttpServerRequest server = ServerHttpRequestDecorator.getNativeRequest(exchange.getRequest());
        server.withConnection(connection -> reader.onBreakOff(connection.channel()::close));
        return new EventStreamTail(reader).writeTo(exchange.getResponse());
    }
}
