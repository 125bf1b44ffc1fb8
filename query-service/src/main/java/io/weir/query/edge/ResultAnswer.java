package io.weir.query.edge;

import io.weir.common.http.RequestContext;
import io.weir.query.cache.AnswerSource;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.result.compress.CompressedReader;
import io.weir.query.result.compress.ResultCompression;
import io.weir.query.result.compress.ResultCompressor;
import io.weir.storage.duckdb.ResultReader;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
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
    private static final String CACHE = "Weir-Cache";
    private static final String CACHE_KEY = "Weir-Cache-Key";

    private final ServerRequest request;
    private final ResultFormat format;
    private final RowLimit limit;
    private final NumberForm numbers;
    private final boolean compress;
    private final AnswerSource source;
    private final long startNanos = System.nanoTime();

    /** What makes the bytes of an answer. */
    @FunctionalInterface
    interface Bytes {

        /**
         * The bytes.
         *
         * @param reader makes them of the engine's result
         * @param compression what the reader compresses with
         * @param compressor the same, which stays the answer's to close; null without compression
         */
        Flux<byte[]> of(
                ResultReader<byte[]> reader, ResultCompression compression, @Nullable ResultCompressor compressor);
    }

    /**
     * @param compress whether it may be compressed, if the client accepts that
     * @param source told where its bytes come from before the first of them
     */
    ResultAnswer(
            ServerRequest request,
            ResultFormat format,
            RowLimit limit,
            NumberForm numbers,
            boolean compress,
            AnswerSource source) {
        this.request = request;
        this.format = format;
        this.limit = limit;
        this.numbers = numbers;
        this.compress = compress;
        this.source = source;
    }

    /**
     * The answer.
     *
     * @param mediaType what it declares to be
     * @param bytes makes what it holds
     */
    Mono<ServerResponse> of(MediaType mediaType, String queryId, Bytes bytes) {
        return ServerResponse.ok()
                .contentType(mediaType)
                .header(QUERY_ID, queryId)
                .build((exchange, context) -> Mono.defer(() -> write(exchange.getResponse(), bytes)));
    }

    private Mono<Void> write(ServerHttpResponse response, Bytes bytes) {
        ResultReader<byte[]> encoder = format.encoder(limit, startNanos, numbers);
        String requestId = RequestContext.requestId(request);
        ResultCompression compression = compression();
        if (compression == ResultCompression.NONE) {
            return new ResultStreamBody(bytes.of(encoder, compression, null), format, null, requestId)
                    .writeTo(response, () -> begin(response, compression));
        }
        ResultCompressor compressor = ResultCompressor.of(compression);
        Flux<byte[]> result = bytes.of(new CompressedReader(encoder, compressor), compression, compressor);
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
        headers.set(CACHE, source.kind().name().toLowerCase(Locale.ROOT));
        String key = source.key();
        if (key != null) {
            headers.set(CACHE_KEY, key);
        }
        if (ResultTrailers.areWanted(request.exchange().getRequest())) {
            ResultTrailers.announce(response, () -> source.rows(limit), () -> source.truncated(limit), startNanos);
        }
    }
}
