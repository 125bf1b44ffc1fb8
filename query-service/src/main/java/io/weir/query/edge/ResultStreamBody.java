package io.weir.query.edge;

import io.netty.channel.Channel;
import io.weir.common.error.WeirException;
import io.weir.common.http.Problem;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.compress.ResultCompressor;
import io.weir.storage.duckdb.EngineError;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.NettyDataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/**
 * The body of a query's answer. A failure before the first byte is an ordinary error; one after it is told in the body
 * where the format has a place for it, and in every format breaks the connection off, so that nobody takes the body for
 * complete.
 */
final class ResultStreamBody {

    private final Flux<byte[]> result;
    private final ResultFormat format;
    private final @Nullable ResultCompressor compressor;
    private final String requestId;

    /** @param compressor what {@code result} has been compressed with; closed when the body ends, however it does */
    ResultStreamBody(
            Flux<byte[]> result, ResultFormat format, @Nullable ResultCompressor compressor, String requestId) {
        this.result = result;
        this.format = format;
        this.compressor = compressor;
        this.requestId = requestId;
    }

    /**
     * Sends the body, a chunk at a time, each flushed: the next few are asked for as the connection takes them.
     *
     * @param onBegin run when the answer is going to be a result and not an error, before its headers leave
     */
    Mono<Void> writeTo(ServerHttpResponse response, Runnable onBegin) {
        AtomicBoolean begun = new AtomicBoolean();
        DataBufferFactory buffers = response.bufferFactory();
        // Wrapped, not pooled: a chunk that a cancel overtakes anywhere on its way is left to the collector. The socket
        // copies it into a pooled buffer of its own.
        Flux<DataBuffer> body = result.doOnNext(chunk -> begin(begun, onBegin))
                .doOnComplete(() -> begin(begun, onBegin))
                .<DataBuffer>map(buffers::wrap)
                .onErrorResume(failure -> begun.get() ? ending(failure, response) : Flux.error(failure))
                .doFinally(signal -> {
                    if (compressor != null) {
                        compressor.close();
                    }
                });
        return response.writeAndFlushWith(body.map(Mono::just));
    }

    private static void begin(AtomicBoolean begun, Runnable onBegin) {
        if (begun.compareAndSet(false, true)) {
            onBegin.run();
        }
    }

    private Flux<DataBuffer> ending(Throwable failure, ServerHttpResponse response) {
        byte[] frame =
                isRead(failure) ? format.failure(Problem.of(failure, requestId).members()) : null;
        byte[] last = frame == null || compressor == null ? frame : compressor.addIfIdle(frame);
        if (last == null) {
            return Flux.error(failure);
        }
        if (!(response.bufferFactory() instanceof NettyDataBufferFactory buffers)) {
            return Flux.concat(Mono.just(response.bufferFactory().wrap(last)), Mono.error(failure));
        }
        return Flux.defer(() -> {
            LastFrame bytes = new LastFrame(last);
            HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
            Mono<Void> taken = Mono.<Channel>create(
                            sink -> server.withConnection(connection -> sink.success(connection.channel())))
                    .flatMap(bytes::taken);
            return Flux.concat(Mono.just(buffers.wrap(bytes)), taken.then(Mono.error(failure)));
        });
    }

    /** Whether somebody is there to read a last line: nobody is where the reader itself is the failure. */
    private static boolean isRead(Throwable failure) {
        return !(failure instanceof WeirException weir && weir.code() == EngineError.READER_TIMEOUT);
    }
}
