package io.weir.query.continuous;

import io.weir.common.auth.DatabasePattern;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.MeasurementSchema;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.QueryParameters;
import io.weir.query.snapshot.Freshness;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.TableSnapshot;
import java.util.List;
import java.util.Set;
import reactor.core.publisher.Mono;

/**
 * Computes windows, with what the creator of a query might read when it was made, and nothing else. It sees every row that is
 * visible, in files or not. Stateless and thread-safe.
 */
final class WindowQuery {

    private static final TimeRange NO_TIMES = new TimeRange(1, 0);

    private final QueryRunner runner;
    private final Catalog catalog;
    private final ContinuousSettings settings;

    WindowQuery(QueryRunner runner, Catalog catalog, ContinuousSettings settings) {
        this.runner = runner;
        this.catalog = catalog;
        this.settings = settings;
    }

    /**
     * The window that begins then.
     *
     * @return fails as queries do, and with {@code window-too-large} and {@code window-column}
     */
    Mono<WindowResult> compute(ContinuousQuery query, long startMicros) {
        return catalog.snapshot(query.definition().destination(), NO_TIMES, List.of())
                .map(TableSnapshot::schema)
                .defaultIfEmpty(MeasurementSchema.empty())
                .flatMap(schema -> runner.run(
                                question(query, startMicros),
                                new WindowRows(
                                        query.definition().destination().measurement(),
                                        startMicros,
                                        schema,
                                        settings.maxRows(),
                                        settings.maxMemory().toBytes()))
                        .single());
    }

    private Query question(ContinuousQuery query, long startMicros) {
        WindowStatement window =
                WindowStatement.of(query.definition().statement(), startMicros, startMicros + query.intervalMicros());
        return new Query(
                reader(query),
                query.definition().database(),
                window.sql(),
                QueryParameters.none(),
                settings.timeout(),
                Freshness.VISIBLE,
                window.range());
    }

    private static Principal reader(ContinuousQuery query) {
        List<Grant> grants = query.definition().sources().stream()
                .map(database -> new Grant(new DatabasePattern(database), Set.of(Permission.READ)))
                .toList();
        return new Principal(
                query.organisation(), "continuous query " + query.definition().name(), "", grants, false);
    }
}
