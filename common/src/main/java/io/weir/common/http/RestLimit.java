package io.weir.common.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.netty.NettyPipeline;

/**
 * Bounds what is still taken of a body whose answer has gone out. The server passes over such a rest so that the connection
 * can go on; a body without a length has no end that it must come to, so behind some bytes, or some time, the connection is
 * closed instead. A client that reads sees its answer, and then the end. One a connection, on its event loop.
 *
 * <pre>
 *   request ── body ──────────────────── rest ─────────▶ end: the next request
 *                     ▲ answer written        └ too long, too slow ─▶ close
 * </pre>
 */
final class RestLimit extends ChannelDuplexHandler {

    /** More than is under way on a fast line when the answer goes out. */
    private static final long MOST_BYTES = 4 << 20;

    private static final Duration LONGEST = Duration.ofSeconds(20);
    private static final String NAME = "weir.restLimit";

    private final long mostBytes;
    private final Duration longest;
    private long begun;
    private long answered;
    private boolean bodyOpen;
    private long restBytes;
    private boolean closing;
    private @Nullable Future<?> deadline;

    RestLimit(long mostBytes, Duration longest) {
        this.mostBytes = mostBytes;
        this.longest = longest;
    }

    /** Has that connection bounded, if it is one of HTTP/1.1. */
    static void follow(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        if (pipeline.get(NettyPipeline.HttpTrafficHandler) != null) {
            pipeline.addBefore(NettyPipeline.HttpTrafficHandler, NAME, new RestLimit(MOST_BYTES, LONGEST));
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest) {
            begun++;
            bodyOpen = true;
        }
        if (message instanceof LastHttpContent) {
            bodyOpen = false;
            endRest();
        } else if (message instanceof HttpContent content && isRest()) {
            restBytes += content.content().readableBytes();
            if (restBytes > mostBytes) {
                close(context);
            }
        }
        context.fireChannelRead(message);
    }

    /** Requests that were sent without waiting are answered in their order, so only the last one can be unfinished. */
    private boolean isRest() {
        return bodyOpen && answered >= begun;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // the promise is the caller's
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        if (message instanceof LastHttpContent && !isInterim(message)) {
            answered++;
            if (isRest()) {
                deadline = context.executor().schedule(() -> close(context), longest.toMillis(), TimeUnit.MILLISECONDS);
            }
        }
        context.write(message, promise);
    }

    /** 100 Continue is a whole message and yet no answer. */
    private static boolean isInterim(Object message) {
        return message instanceof HttpResponse response
                && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    private void close(ChannelHandlerContext context) {
        if (!closing) {
            closing = true;
            endRest();
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void endRest() {
        restBytes = 0;
        Future<?> running = deadline;
        if (running != null) {
            running.cancel(false);
            deadline = null;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        endRest();
    }
}
