package io.weir.query.edge;

import io.weir.common.error.WeirException;
import io.weir.common.http.Problem;
import io.weir.query.result.ResultFormat;
import io.weir.storage.duckdb.EngineError;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The body of a query's answer. A failure before the first byte is an ordinary error; one after it ends an NDJSON stream
 * with a line {@code {"$error":{problem}}}, and in every format breaks the connection off, so that nobody takes the body
 * for complete.
 */
final class ResultStreamBody {

    private static final byte[] ERROR_START = "{\"$error\":".getBytes(StandardCharsets.US_ASCII);

    private final Flux<byte[]> result;
    private final ResultFormat format;
    private final String requestId;

    ResultStreamBody(Flux<byte[]> result, ResultFormat format, String requestId) {
        this.result = result;
        this.format = format;
        this.requestId = requestId;
    }

    /** Sends the body, a chunk at a time, each flushed: the next few are asked for as the connection takes them. */
    Mono<Void> writeTo(ServerHttpResponse response) {
        AtomicBoolean begun = new AtomicBoolean();
        Flux<byte[]> body = result.doOnNext(chunk -> begun.set(true))
                .onErrorResume(failure -> begun.get() && format == ResultFormat.NDJSON && isRead(failure)
                        ? Flux.concat(Mono.fromSupplier(() -> errorLine(failure)), Mono.error(failure))
                        : Flux.error(failure));
        DataBufferFactory buffers = response.bufferFactory();
        // Wrapped, not pooled: a chunk that a cancel overtakes anywhere on its way is left to the collector. The socket
        // copies it into a pooled buffer of its own.
        return response.writeAndFlushWith(body.map(chunk -> Mono.just(buffers.wrap(chunk))));
    }

    /** Whether somebody is there to read a last line: nobody is where the reader itself is the failure. */
    private static boolean isRead(Throwable failure) {
        return !(failure instanceof WeirException weir && weir.code() == EngineError.READER_TIMEOUT);
    }

    private byte[] errorLine(Throwable failure) {
        byte[] problem = Problem.of(failure, requestId).toJson();
        byte[] line = new byte[ERROR_START.length + problem.length + 2];
        System.arraycopy(ERROR_START, 0, line, 0, ERROR_START.length);
        System.arraycopy(problem, 0, line, ERROR_START.length, problem.length);
        line[line.length - 2] = '}';
        line[line.length - 1] = '\n';
        return line;
    }
}
