package io.weir.query.edge;

import io.weir.common.error.WeirException;
import io.weir.common.http.Problem;
import io.weir.query.result.ResultFormat;
import io.weir.storage.duckdb.EngineError;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferFactory;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The body of a query's answer. A failure before the first byte is an ordinary error; one after it ends an NDJSON stream
 * with a line {@code {"$error":{problem}}}, and in every format breaks the connection off, so that nobody takes the body
 * for complete. Buffers that are not sent are released.
 */
final class ResultStreamBody {

    private final Flux<DataBuffer> result;
    private final ResultFormat format;
    private final String requestId;

    ResultStreamBody(Flux<DataBuffer> result, ResultFormat format, String requestId) {
        this.result = result;
        this.format = format;
        this.requestId = requestId;
    }

    /** Sends the body, a buffer at a time: the next is asked for when the connection has taken the last. */
    Mono<Void> writeTo(ServerHttpResponse response) {
        AtomicBoolean begun = new AtomicBoolean();
        Flux<DataBuffer> body = result.doOnNext(buffer -> begun.set(true))
                .onErrorResume(failure -> begun.get() && format == ResultFormat.NDJSON && isRead(failure)
                        ? Flux.concat(Mono.fromSupplier(() -> errorLine(response.bufferFactory(), failure)), Mono.error(failure))
                        : Flux.error(failure))
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
        return response.writeAndFlushWith(body.map(Mono::just));
    }

    /** Whether somebody is there to read a last line: nobody is where the reader itself is the failure. */
    private static boolean isRead(Throwable failure) {
        return !(failure instanceof WeirException weir && weir.code() == EngineError.READER_TIMEOUT);
    }

    private DataBuffer errorLine(DataBufferFactory buffers, Throwable failure) {
        byte[] problem = Problem.of(failure, requestId).toJson();
        DataBuffer buffer = buffers.allocateBuffer(problem.length + 16);
        buffer.write("{\"$error\":", StandardCharsets.US_ASCII);
        buffer.write(problem);
        buffer.write("}\n", StandardCharsets.US_ASCII);
        return buffer;
    }
}
