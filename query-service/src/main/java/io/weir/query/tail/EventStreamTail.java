package io.weir.query.tail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * A reader as an event stream (HTML, section 9.2): one event is written at a time, and the next asked for when the connection
 * has taken it. The id of an event is the number of rows sent and left out so far.
 */
final class EventStreamTail {

    private static final String FIRST = "retry: 2000\n";
    private static final byte[] END = {'\n', '\n'};

    private final TailReader reader;
    private final AtomicBoolean over = new AtomicBoolean();

    EventStreamTail(TailReader reader) {
        this.reader = reader;
    }

    Mono<Void> writeTo(ServerHttpResponse response) {
        NettyDataBufferFactory buffers = (NettyDataBufferFactory) response.bufferFactory();
        Flux<Flux<DataBuffer>> events = Flux.generate(sink -> {
            if (over.get()) {
                sink.complete();
            } else {
                sink.next(event().<DataBuffer>map(buffers::wrap).flux()); // begun when the one before is written
            }
        });
        return response.writeAndFlushWith(events).doFinally(signal -> reader.leave());
    }

    /** The next event; nothing behind the last one. */
    private Mono<ByteBuf> event() {
        return Mono.defer(
                () -> over.get() ? Mono.empty() : reader.next().map(this::text).switchIfEmpty(farewell()));
    }

    private ByteBuf text(TailMessage message) {
        if (message instanceof TailMessage.Rows rows) {
            ByteBuf bytes = reader.bytes(rows.frame());
            return bytes == null
                    ? Unpooled.EMPTY_BUFFER
                    : Unpooled.wrappedBuffer(
                            utf8("event: rows\nid: " + rows.rowsSoFar() + "\ndata: "),
                            bytes,
                            Unpooled.wrappedBuffer(END));
        }
        if (message instanceof TailMessage.Missed missed) {
            return event("missed", "id: " + missed.rowsSoFar() + "\n", TailText.missed(missed.rows()));
        }
        if (message instanceof TailMessage.Ping) {
            return utf8(": still here\n\n");
        }
        return event("subscribed", FIRST, TailText.subscribed(reader.subscription()));
    }

    /** The last event, which says why there are no more. */
    private Mono<ByteBuf> farewell() {
        return Mono.fromSupplier(() -> {
            over.set(true);
            CloseReason reason = reader.reason();
            return event("closed", "", TailText.closed(reason == null ? CloseReason.CLIENT : reason));
        });
    }

    private static ByteBuf event(String name, String more, String data) {
        return utf8("event: " + name + "\n" + more + "data: " + data + "\n\n");
    }

    private static ByteBuf utf8(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
    }
}
