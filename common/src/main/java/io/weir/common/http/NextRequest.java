package io.weir.common.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.LastHttpContent;
import reactor.netty.NettyPipeline;

/**
 * Asks the socket for the next request when an answer has been written. The server does so itself, except when the
 * request waited behind another one and was answered at once: then nobody asks, and the kept connection would never be
 * read again (reactor-netty issue 4361, mended after the version that Weir has). Asking twice reads once. Stateless.
 */
@Sharable
final class NextRequest extends ChannelOutboundHandlerAdapter {

    private static final String NAME = "weir.nextRequest";
    private static final NextRequest INSTANCE = new NextRequest();

    private NextRequest() {}

    /** Has that connection ask, if it is one of HTTP/1.1. */
    static void follow(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, INSTANCE);
        }
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the promise is the caller's
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent) {
            ChannelPromise written = promise.unvoid();
            // Later, when what waits behind the answer has been handled.
            written.addListener(done -> context.executor().execute(context::read));
            context.write(message, written);
        } else {
            context.write(message, promise);
        }
    }
}
