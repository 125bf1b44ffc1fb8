package io.weir.query.engine;

import io.weir.common.model.DatabaseId;
import io.weir.query.plan.QueryParameters;
import io.weir.query.snapshot.Freshness;
import java.time.Duration;

/**
 * One query to run.
 *
 * @param database the database whose measurements need no qualification; its organisation bounds all others
 * @param sql one statement
 * @param parameters values of its parameters
 * @param timeout longest time the engine may work for it
 * @param freshness how new the rows are that it sees
 */
public record Query(
        DatabaseId database, String sql, QueryParameters parameters, Duration timeout, Freshness freshness) {

    /** A query that sees every row that is visible. */
    public Query(DatabaseId database, String sql, QueryParameters parameters, Duration timeout) {
        this(database, sql, parameters, timeout, Freshness.VISIBLE);
    }
}
