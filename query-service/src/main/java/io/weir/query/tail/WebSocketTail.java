package io.weir.query.tail;

import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.web.reactive.socket.CloseStatus;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.WebSocketSession;
import reactor.core.publisher.Mono;

/**
 * A reader as a WebSocket: one message is written at a time, so what the client does not take waits in the reader, which is
 * bounded. Whatever the client sends only shows that it is there.
 */
final class WebSocketTail implements WebSocketHandler {

    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final TailReader reader;

    WebSocketTail(TailReader reader) {
        this.reader = reader;
    }

    @Override
    public List<String> getSubProtocols() {
        return List.of(reader.subscription().format().protocol());
    }

    @Override
    public Mono<Void> handle(WebSocketSession session) {
        reader.answersPings();
        Mono<Void> sending = Mono.defer(reader::next)
                .flatMap(message -> session.send(Mono.fromCallable(() -> frame(session, message))))
                .repeat(() -> reader.reason() == null)
                .then();
        // Never cancelled: the server would say goodbye by itself, without a reason.
        Mono<Void> receiving = session.receive()
                .doOnNext(message -> reader.heard())
                .then()
                .onErrorComplete() // the connection broke
                .doFinally(signal -> reader.close(CloseReason.CLIENT));
        Mono<Void> ending = Mono.firstWithSignal(sending, reader.closed())
                .onErrorComplete() // likewise
                .then(Mono.defer(() -> farewell(session)));
        return Mono.when(receiving, ending).doFinally(signal -> reader.leave());
    }

    private @Nullable WebSocketMessage frame(WebSocketSession session, TailMessage message) {
        if (message instanceof TailMessage.Rows rows) {
            ByteBuf bytes = reader.bytes(rows.frame());
            return bytes == null
                    ? null
                    : new WebSocketMessage(
                            reader.subscription().format() == TailFormat.JSON
                                    ? WebSocketMessage.Type.TEXT
                                    : WebSocketMessage.Type.BINARY,
                            ((NettyDataBufferFactory) session.bufferFactory()).wrap(bytes));
        }
        if (message instanceof TailMessage.Missed missed) {
            return session.textMessage(TailText.missed(missed.rows()));
        }
        if (message instanceof TailMessage.Ping) {
            return session.pingMessage(buffers -> buffers.wrap(new byte[0]));
        }
        return session.textMessage(TailText.subscribed(reader.subscription()));
    }

    /** Says why, if it was not the client that went; one who does not take that in time is left. */
    private Mono<Void> farewell(WebSocketSession session) {
        CloseReason reason = reader.reason();
        if (reason == null || reason == CloseReason.CLIENT || reason == CloseReason.UNRESPONSIVE) {
            return Mono.empty();
        }
        return session.close(new CloseStatus(reason.code(), reason.words()))
                .timeout(FAREWELL)
                .onErrorResume(e -> Mono.fromRunnable(reader::breakOff));
    }
}
