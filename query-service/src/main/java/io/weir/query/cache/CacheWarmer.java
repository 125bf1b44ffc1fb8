package io.weir.query.cache;

import io.weir.common.auth.DatabasePattern;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import io.weir.query.engine.Query;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.RowLimit;
import io.weir.query.result.compress.CompressedReader;
import io.weir.query.result.compress.ResultCompression;
import io.weir.query.result.compress.ResultCompressor;
import io.weir.storage.duckdb.ResultReader;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Asks the queries of a list, one after the other, so that the results are kept before anybody else asks. One whose
 * measurements have not changed costs a look at their versions. Thread-safe.
 */
final class CacheWarmer implements BackgroundLoop {

    private static final Logger LOG = LoggerFactory.getLogger(CacheWarmer.class);

    private final QueryCache cache;
    private final List<WarmQuery> queries;
    private final Duration interval;
    private final long allowedRows;
    private final Duration timeout;

    /**
     * @param interval time between two looks at the measurements of the queries
     * @param allowedRows rows that the server allows at most
     * @param timeout longest time the engine may work for one of them
     */
    CacheWarmer(QueryCache cache, List<WarmQuery> queries, Duration interval, long allowedRows, Duration timeout) {
        this.cache = cache;
        this.queries = List.copyOf(queries);
        this.interval = interval;
        this.allowedRows = allowedRows;
        this.timeout = timeout;
    }

    @Override
    public String name() {
        return "cache-warming";
    }

    @Override
    public Duration interval() {
        return interval;
    }

    @Override
    public boolean enabled() {
        return !queries.isEmpty();
    }

    @Override
    public Duration firstPause() {
        return Duration.ZERO;
    }

    /** Asks each once. A query that fails is logged, and fails nothing: its measurement may not be there yet. */
    @Override
    public Mono<Turn> turn() {
        return Flux.fromIterable(queries).concatMap(this::ask).then(Mono.just(Turn.DONE));
    }

    private Mono<Void> ask(WarmQuery warm) {
        return Mono.defer(() -> {
                    RowLimit limit = new RowLimit(Long.MAX_VALUE, allowedRows);
                    ResultReader<byte[]> encoder = warm.format().encoder(limit, System.nanoTime(), NumberForm.NUMBER);
                    Query query = new Query(
                            reader(warm.organisation()), warm.db(), warm.sql(), QueryParameters.none(), timeout);
                    ResultCompression compression = warm.compression();
                    if (compression == ResultCompression.NONE) {
                        return ask(new CacheRequest(
                                query, warm.format(), NumberForm.NUMBER, compression, limit, encoder, null, false));
                    }
                    ResultCompressor compressor = ResultCompressor.of(compression);
                    return ask(new CacheRequest(
                                    query,
                                    warm.format(),
                                    NumberForm.NUMBER,
                                    compression,
                                    limit,
                                    new CompressedReader(encoder, compressor),
                                    compressor,
                                    false))
                            .doFinally(signal -> compressor.close());
                })
                .onErrorResume(e -> {
                    LOG.warn("query {} could not be asked in advance: {}", warm.name(), e.getMessage());
                    return Mono.empty();
                });
    }

    /** This server itself, which only reads. What it has made others get only where they may read it themselves. */
    private static Principal reader(String organisation) {
        Grant reading = new Grant(DatabasePattern.ALL, Set.of(Permission.READ));
        return new Principal(organisation, "cache warming", "", List.of(reading), false);
    }

    private Mono<Void> ask(CacheRequest request) {
        return cache.answer(request, new AnswerSource()).then();
    }
}
