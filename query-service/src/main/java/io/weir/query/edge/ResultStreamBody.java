package io.weir.query.edge;

import io.weir.common.error.WeirException;
import io.weir.common.http.Problem;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.compress.ResultCompressor;
import io.weir.storage.duckdb.EngineError;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

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
        Flux<byte[]> body = result.doOnNext(chunk -> begin(begun, onBegin))
                .doOnComplete(() -> begin(begun, onBegin))
                .onErrorResume(failure -> begun.get() ? ending(failure) : Flux.error(failure))
                .doFinally(signal -> {
                    if (compressor != null) {
                        compressor.close();
                    }
                });
        DataBufferFactory buffers = response.bufferFactory();
        // Wrapped, not pooled: a chunk that a cancel overtakes anywhere on its way is left to the collector. The socket
        // copies it into a pooled buffer of its own.
        return response.writeAndFlushWith(body.map(chunk -> Mono.just(buffers.wrap(chunk))));
    }

    private static void begin(AtomicBoolean begun, Runnable onBegin) {
        if (begun.compareAndSet(false, true)) {
            onBegin.run();
        }
    }

    private Flux<byte[]> ending(Throwable failure) {
        byte[] frame =
                isRead(failure) ? format.failure(Problem.of(failure, requestId).members()) : null;
        byte[] last = frame == null || compressor == null ? frame : compressor.addIfIdle(frame);
        return last == null ? Flux.error(failure) : Flux.concat(Mono.just(last), Mono.error(failure));
    }

    /** Whether somebody is there to read a last line: nobody is where the reader itself is the failure. */
    private static boolean isRead(Throwable failure) {
        return !(failure instanceof WeirException weir && weir.code() == EngineError.READER_TIMEOUT);
    }
}
