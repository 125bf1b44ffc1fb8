package io.weir.query.warmup;

import io.weir.common.auth.Principal;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Practice before the first query: the shapes that dashboards send, over made-up rows, through everything but the socket, so
 * that first queries do not meet cold code. Nothing of the server's own data is touched. A practice that fails is logged; the
 * start goes on without it.
 */
public final class QueryWarmUp {

    private static final Logger LOG = LoggerFactory.getLogger(QueryWarmUp.class);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** Each with a number that makes it a new text, since what was read before is remembered. */
    private static final List<String> STATEMENTS = List.of(
            "SELECT date_trunc('minute', time) AS minute, max(v) FROM m WHERE host IN ('a', 'b#') AND time >= '1970-01-01 00:00:10Z'"
                    + " AND time < '1970-01-01 00:15:00Z' GROUP BY minute ORDER BY minute",
            "SELECT host, avg(v) AS mean# FROM m WHERE time > now() - INTERVAL 100 YEAR GROUP BY host ORDER BY host",
            "SELECT * FROM m WHERE v > 90.0 AND host = 'a' ORDER BY time DESC LIMIT 1#",
            "SELECT DISTINCT ON (host) * FROM m ORDER BY host, time DESC LIMIT 9#",
            "SELECT count(*) AS rows# FROM m");

    private final DuckDbEngine engine;
    private final Duration duration;

    /**
     * A practice not yet begun.
     *
     * @param duration most time it takes; zero for none
     */
    public QueryWarmUp(DuckDbEngine engine, Duration duration) {
        this.engine = engine;
        this.duration = duration;
    }

    /** Practises. Blocks; never fails. @return queries that were answered */
    public int run() {
        PracticeTables tables = new PracticeTables();
        QueryRunner runner =
                new QueryRunner(engine, tables, new TableResolver(tables, new SnapshotReader(tables, tables)), true);
        long end = System.nanoTime() + duration.toNanos();
        int queries = 0;
        try {
            while (System.nanoTime() - end < 0) {
                Query query = new Query(
                        Principal.unrestricted(PracticeTables.DATABASE.organisation(), "practice"),
                        PracticeTables.DATABASE.database(),
                        STATEMENTS.get(queries % STATEMENTS.size()).replace("#", Integer.toString(queries)),
                        QueryParameters.none(),
                        PATIENCE);
                ResultFormat format = queries % 2 == 0 ? ResultFormat.JSON : ResultFormat.NDJSON;
                RowLimit limit = new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE);
                runner.run(query, format.encoder(limit, System.nanoTime())).blockLast(PATIENCE);
                queries++;
            }
        } catch (RuntimeException e) {
            LOG.warn("the practice of queries failed; the first of them will be slow, nothing else is lost", e);
        }
        return queries;
    }
}
