package io.weir.query.edge;

import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * The last bytes of a body that is going to be broken off. Breaking off drops what still waits for the socket, so it has to wait
 * until these bytes have been taken: they are released when they join what waits, and what is written behind them is done when they
 * have left.
 */
final class LastFrame extends UnpooledHeapByteBuf {

    /** A reader that does not take them until then loses them. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Sinks.Empty<Void> waiting = Sinks.empty();

    LastFrame(byte[] bytes) {
        super(UnpooledByteBufAllocator.DEFAULT, bytes, bytes.length);
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        waiting.tryEmitEmpty();
    }

    /** Completes when the connection has taken these bytes, is closed, or has not taken them for too long. */
    Mono<Void> taken(Channel channel) {
        return waiting.asMono()
                .then(Mono.<Void>create(sink -> {
                    ChannelHandlerContext first = channel.pipeline().firstContext();
                    if (first == null) {
                        sink.success();
                    } else {
                        first.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> sink.success());
                    }
                }))
                .timeout(PATIENCE, Mono.empty());
    }
}
