package io.weir.query.edge;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.RequestContext;
import io.weir.query.cursor.CursorSettings;
import io.weir.query.cursor.Cursors;
import io.weir.query.cursor.Page;
import io.weir.query.cursor.PagedQuery;
import io.weir.query.engine.QueryProperties;
import io.weir.query.engine.RunningQueries;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.compress.ResultCompression;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Answers queries page by page: {@code page_size} opens a result, {@code cursor} reads on. Thread-safe. */
final class PageHandler {

    private static final String NEXT = "Weir-Next-Cursor";

    private final Cursors cursors;
    private final CursorSettings settings;
    private final RunningQueries running;
    private final boolean compress;

    PageHandler(Cursors cursors, CursorSettings settings, RunningQueries running, QueryProperties properties) {
        this.cursors = cursors;
        this.settings = settings;
        this.running = running;
        this.compress = properties.compress();
    }

    /** That many rows of a page. @throws WeirException {@code invalid-request} when a page has fewer at most */
    int requireAllowed(int pageRows) {
        if (pageRows > settings.maxPageRows()) {
            throw QueryCommandReader.invalid("page_size is " + pageRows + " (expected: at most "
                    + settings.maxPageRows() + "; without page_size a result is streamed, however large)");
        }
        return pageRows;
    }

    /** The first page of a query's result. */
    Mono<ServerResponse> open(ServerRequest request, String queryId, PagedQuery query) {
        long startNanos = System.nanoTime();
        return cursors.open(query, new Cursors.Tracking() {
                    @Override
                    public <T> Flux<T> track(LongSupplier rows, Flux<T> result) {
                        return running.track(queryId, query.query(), rows, result);
                    }
                })
                .flatMap(page -> answer(request, page, queryId, startNanos));
    }

    /** The page that a cursor stands for; {@code ofRoute} is the format that the route gives, if it gives one only. */
    Mono<ServerResponse> next(ServerRequest request, String cursor, @Nullable ResultFormat ofRoute) {
        long startNanos = System.nanoTime();
        return cursors.next(RequestContext.principal(request), cursor)
                .doOnNext(page -> requireFormat(page, ofRoute))
                .flatMap(page -> answer(request, page, null, startNanos));
    }

    private static void requireFormat(Page page, @Nullable ResultFormat ofRoute) {
        if (ofRoute != null && ofRoute != page.format()) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    "the cursor is of a result as " + page.format().id() + ", and this route answers " + ofRoute.id()
                            + " (expected: /api/v1/query)",
                    Map.of("format", page.format().id()));
        }
    }

    private Mono<ServerResponse> answer(ServerRequest request, Page page, @Nullable String queryId, long startNanos) {
        List<String> accepted = request.headers().header(HttpHeaders.ACCEPT_ENCODING);
        // A page is kept as zstd; for gzip it would have to be made again each time it is read.
        boolean packed = compress && ResultCompression.accepted(accepted) == ResultCompression.ZSTD;
        ServerResponse.BodyBuilder answer =
                ServerResponse.ok().contentType(page.format().mediaType());
        if (queryId != null) {
            answer.header(ResultAnswer.QUERY_ID, queryId);
        }
        if (page.next() != null) {
            answer.header(NEXT, page.next());
        }
        if (compress) {
            answer.header(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        }
        if (packed) {
            answer.header(HttpHeaders.CONTENT_ENCODING, ResultCompression.ZSTD.token());
        }
        return answer.build((exchange, context) -> {
            ServerHttpResponse response = exchange.getResponse();
            if (ResultTrailers.areWanted(exchange.getRequest())) {
                ResultTrailers.announce(response, page::rows, page::truncated, startNanos);
            }
            Flux<byte[]> bytes = packed ? page.packed() : page.raw();
            // Wrapped, not pooled: a chunk that a cancel overtakes anywhere on its way is left to the collector.
            return response.writeAndFlushWith(
                    bytes.map(chunk -> Mono.just(response.bufferFactory().wrap(chunk))));
        });
    }
}
