package io.weir.query.engine;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TimeRange;
import io.weir.query.plan.QueryParameters;
import io.weir.query.snapshot.Freshness;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One query to run.
 *
 * @param caller whose it is; it reads only databases of the caller's organisation which the caller may read
 * @param database name of the database whose measurements need no qualification
 * @param sql one statement
 * @param parameters values of its parameters
 * @param timeout longest time the engine may work for it
 * @param freshness how new the rows are that it sees
 * @param window times of the rows that it sees, whatever the statement asks for
 */
public record Query(
        Principal caller,
        String database,
        String sql,
        QueryParameters parameters,
        Duration timeout,
        Freshness freshness,
        TimeRange window) {

    /** A query of rows of all times. */
    public Query(
            Principal caller,
            String database,
            String sql,
            QueryParameters parameters,
            Duration timeout,
            Freshness freshness) {
        this(caller, database, sql, parameters, timeout, freshness, TimeRange.ALL);
    }

    /** A query that sees every row that is visible. */
    public Query(Principal caller, String database, String sql, QueryParameters parameters, Duration timeout) {
        this(caller, database, sql, parameters, timeout, Freshness.VISIBLE);
    }

    /** The organisation whose data it reads. */
    public String organisation() {
        return caller.organisation();
    }

    /**
     * The database that a statement means.
     *
     * @param named how the statement names it, or null for the query's own
     * @throws io.weir.common.error.WeirException {@code forbidden} when the caller may not read it
     */
    public DatabaseId readable(@Nullable String named) {
        return caller.database(Permission.READ, named == null ? database : named);
    }
}
