package io.weir.common.http;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelOption;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.reactor.netty.NettyServerCustomizer;
import reactor.netty.http.server.HttpServer;

/**
 * How Weir's HTTP servers read: bodies leave the socket in pieces of up to 128 KB instead of 8 KB, so that a large body
 * costs a sixteenth of the calls and hand-overs, buffers come from the arenas of the reading thread, and behind every
 * answer the connection is read on, within bounds.
 */
public final class ServerTuning implements NettyServerCustomizer {

    private static final int PIECE_BYTES = 128 << 10;
    private static final int FIRST_PIECE_BYTES = 8 << 10;
    private static final int SMALLEST_PIECE_BYTES = 1 << 10;

    private final @Nullable LoopWatch loops;

    /** Nobody watches the loops. */
    public ServerTuning() {
        this(null);
    }

    /** The loops that serve connections are watched. */
    ServerTuning(@Nullable LoopWatch loops) {
        this.loops = loops;
    }

    @Override
    @SuppressWarnings("deprecation") // maxChunkSize is deprecated without a successor, and honoured
    public HttpServer apply(HttpServer server) {
        return server.httpRequestDecoder(decoder -> decoder.maxChunkSize(PIECE_BYTES))
                .doOnChannelInit((observer, channel, address) -> {
                    NextRequest.follow(channel);
                    RestLimit.follow(channel);
                    if (loops != null) {
                        loops.follow(channel.eventLoop());
                    }
                })
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR,
                        new AdaptiveRecvByteBufAllocator(SMALLEST_PIECE_BYTES, FIRST_PIECE_BYTES, PIECE_BYTES));
    }
}
