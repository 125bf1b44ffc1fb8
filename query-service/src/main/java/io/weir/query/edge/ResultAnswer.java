package io.weir.query.edge;

import io.weir.common.http.RequestContext;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.result.compress.CompressedReader;
import io.weir.query.result.compress.ResultCompression;
import io.weir.query.result.compress.ResultCompressor;
import io.weir.storage.duckdb.ResultReader;
import java.util.function.Function;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** How one request is answered with a result: its format, its compression, its headers and trailers. */
final class ResultAnswer {

    static final String QUERY_ID = "Weir-Query-Id";

    private static final String ROW_LIMIT = "Weir-Row-Limit";

    private final ServerRequest request;
    private final ResultFormat format;
    private final RowLimit limit;
    private final NumberForm numbers;
    private final boolean compress;
    private final long startNanos = System.nanoTime();

    /** @param compress whether it may be compressed, if the client accepts that */
    ResultAnswer(ServerRequest request, ResultFormat format, RowLimit limit, NumberForm numbers, boolean compress) {
        this.request = request;
        this.format = format;
        this.limit = limit;
        this.numbers = numbers;
        this.compress = compress;
    }

    /**
     * The answer.
     *
     * @param mediaType what it declares to be
     * @param query runs the query with a reader of its result
     */
    Mono<ServerResponse> of(MediaType mediaType, String queryId, Function<ResultReader<byte[]>, Flux<byte[]>> query) {
        return ServerResponse.ok()
                .contentType(mediaType)
                .header(QUERY_ID, queryId)
                .build((exchange, context) -> Mono.defer(() -> write(exchange.getResponse(), query)));
    }

    private Mono<Void> write(ServerHttpResponse response, Function<ResultReader<byte[]>, Flux<byte[]>> query) {
        ResultReader<byte[]> encoder = format.encoder(limit, startNanos, numbers);
        String requestId = RequestContext.requestId(request);
        ResultCompression compression = compression();
        if (compression == ResultCompression.NONE) {
            return new ResultStreamBody(query.apply(encoder), format, null, requestId)
                    .writeTo(response, () -> begin(response, compression));
        }
        ResultCompressor compressor = ResultCompressor.of(compression);
        Flux<byte[]> result = query.apply(new CompressedReader(encoder, compressor));
        return new ResultStreamBody(result, format, compressor, requestId)
                .writeTo(response, () -> begin(response, compression));
    }

    private ResultCompression compression() {
        return compress
                ? ResultCompression.accepted(request.headers().header(HttpHeaders.ACCEPT_ENCODING))
                : ResultCompression.NONE;
    }

    /** Headers that only a result has: the answer may still have become an error. */
    private void begin(ServerHttpResponse response, ResultCompression compression) {
        HttpHeaders headers = response.getHeaders();
        if (compress) {
            headers.add(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        }
        if (compression != ResultCompression.NONE) {
            headers.set(HttpHeaders.CONTENT_ENCODING, compression.token());
        }
        if (limit.wanted() < Long.MAX_VALUE) {
            headers.set(ROW_LIMIT, Long.toString(limit.wanted()));
        }
        if (ResultTrailers.areWanted(request.exchange().getRequest())) {
            ResultTrailers.announce(response, limit, startNanos);
        }
    }
}
