package io.weir.query.edge;

import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.snapshot.Freshness;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one request asks for; null where it leaves the choice to the server.
 *
 * @param sql the statement
 * @param database database named in the body
 * @param parameters values of the statement's parameters
 * @param format result format
 * @param maxRows rows it wants at most
 * @param numbers how JSON shows numbers
 * @param timeout longest time the engine may work
 * @param pageRows rows of a page, when the result is to be read page by page
 * @param freshness how new the rows are
 */
record QueryCommand(
        String sql,
        @Nullable String database,
        QueryParameters parameters,
        @Nullable ResultFormat format,
        @Nullable Long maxRows,
        NumberForm numbers,
        @Nullable Duration timeout,
        @Nullable Integer pageRows,
        @Nullable Freshness freshness) {}
