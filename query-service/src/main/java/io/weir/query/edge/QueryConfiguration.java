package io.weir.query.edge;

import io.weir.common.health.HealthDetail;
import io.weir.common.hot.HotRows;
import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import io.weir.common.limit.Quotas;
import io.weir.common.pressure.PressureListener;
import io.weir.query.cache.QueryCache;
import io.weir.query.cache.QueryCacheConfiguration;
import io.weir.query.cursor.CursorConfiguration;
import io.weir.query.cursor.CursorSettings;
import io.weir.query.cursor.Cursors;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.engine.QueryMetrics;
import io.weir.query.engine.QueryProperties;
import io.weir.query.engine.QueryRunner;
import io.weir.query.engine.QueryStages;
import io.weir.query.engine.RunningQueries;
import io.weir.query.lastvalue.LastValueConfiguration;
import io.weir.query.lastvalue.LastValueTables;
import io.weir.query.result.ResultFormat;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableResolver;
import io.weir.query.warmup.QueryWarmUp;
import io.weir.storage.duckdb.DuckDbEngine;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The query service. Needs from outside: {@link QueryDirectories}, {@link TableCatalog}, {@link HotRows},
 * {@link io.weir.common.schedule.WeirSchedulers}, and the shared HTTP edge.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QueryProperties.class)
@Import({LastValueConfiguration.class, QueryCacheConfiguration.class, CursorConfiguration.class})
public class QueryConfiguration {

    static final String DATABASE = "/api/v1/databases/{database}";
    static final String MEASUREMENT = DATABASE + "/measurements/{measurement}";

    @Bean
    DuckDbEngine duckDbEngine(QueryProperties properties, QueryDirectories directories) {
        return DuckDbEngine.open(properties.engine(directories));
    }

    /** Runs before any request can come, for a quarter of the time that practice may take. */
    @Bean(initMethod = "run")
    QueryWarmUp queryWarmUp(DuckDbEngine engine, @Value("${weir.warm-up.duration:6s}") Duration practice) {
        return new QueryWarmUp(engine, practice.dividedBy(4));
    }

    @Bean
    TableResolver tableResolver(TableCatalog catalog, HotRows hotRows) {
        return new TableResolver(catalog, new SnapshotReader(hotRows, catalog));
    }

    @Bean
    QueryRunner queryRunner(
            DuckDbEngine engine,
            TableCatalog catalog,
            TableResolver tables,
            QueryProperties properties,
            ObjectProvider<LastValueTables> lastValues) {
        return new QueryRunner(
                engine, catalog, tables, lastValues.getIfAvailable(() -> LastValueTables.NONE), properties.pruning());
    }

    @Bean
    RunningQueries runningQueries(QueryProperties properties, ObjectProvider<Clock> clock, Quotas quotas) {
        return new RunningQueries(properties.slowAfter(), clock.getIfAvailable(Clock::systemUTC), quotas);
    }

    @Bean
    QueryMetrics queryMetrics(DuckDbEngine engine, RunningQueries running) {
        return new QueryMetrics(engine, running);
    }

    @Bean
    QueryStages queryStages(QueryRunner runner) {
        return runner.stages();
    }

    @Bean
    PressureListener queriesUnderPressure(DuckDbEngine engine, QueryCache cache) {
        return high -> {
            engine.pressed(high);
            cache.pressed(high);
        };
    }

    @Bean
    HealthDetail queryDetail(DuckDbEngine engine, QueryCache cache) {
        return new HealthDetail("queries", () -> {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("sessionsAcquired", engine.acquired());
            details.put("sessionsPending", engine.pending());
            details.put("sessionsMax", engine.maxSessions());
            details.put("heavy", engine.heavy());
            details.put("heavyPending", engine.heavyPending());
            details.put("cacheBytes", cache.stats().bytes());
            return details;
        });
    }

    @Bean
    RouterFunction<ServerResponse> queryRoutes(
            QueryRunner runner,
            QueryCache cache,
            Cursors cursors,
            CursorSettings cursorSettings,
            RunningQueries running,
            QueryProperties properties,
            TableCatalog catalog,
            TableResolver tables) {
        QueryHandler queries = new QueryHandler(
                runner, cache, new PageHandler(cursors, cursorSettings, running, properties), running, properties);
        CacheHandler caches = new CacheHandler(cache, queries);
        RunningQueriesHandler register = new RunningQueriesHandler(running);
        CatalogHandler catalogs = new CatalogHandler(catalog, tables, properties.freshness());
        InfluxQueryHandler influx = new InfluxQueryHandler(queries);
        return RouterFunctions.route()
                .add(shortcut("stream", queries, ResultFormat.NDJSON))
                .add(shortcut("arrow", queries, ResultFormat.ARROW))
                .add(shortcut("msgpack", queries, ResultFormat.MSGPACK))
                .add(shortcut("csv", queries, ResultFormat.CSV))
                .POST(InfluxQueryHandler.ROUTE, Access.READ.to(influx::post, InfluxQueryHandler::refused))
                .GET(InfluxQueryHandler.ROUTE, Access.READ.to(influx::get, InfluxQueryHandler::refused))
                .add(MethodGuard.of(List.of("GET", "POST"), InfluxQueryHandler.ROUTE))
                .POST("/api/v1/query", Access.READ.to(queries::post))
                .GET("/api/v1/query", Access.READ.to(queries::get))
                .POST("/api/v1/query/estimate", Access.READ.to(queries::estimate))
                .GET("/api/v1/queries", Access.READ.to(register::list))
                .DELETE("/api/v1/queries/{id}", Access.READ.to(register::cancel))
                .GET("/api/v1/databases", Access.READ.to(catalogs::databases))
                .POST("/api/v1/databases", Access.WRITE.to(catalogs::create))
                .GET(DATABASE, Access.READ.to(catalogs::database))
                .GET(DATABASE + "/measurements", Access.READ.to(catalogs::measurements))
                .GET(MEASUREMENT, Access.READ.to(catalogs::schema))
                .PUT(MEASUREMENT, Access.DELETE.to(catalogs::change))
                .GET(MEASUREMENT + "/schema", Access.READ.to(catalogs::schema))
                .GET(CacheHandler.STATS, Access.READ.to(caches::stats))
                .POST(CacheHandler.INVALIDATE, Access.ADMIN.to(caches::invalidate))
                .add(MethodGuard.of(List.of("GET"), CacheHandler.STATS))
                .add(MethodGuard.of(List.of("POST"), CacheHandler.INVALIDATE))
                .add(MethodGuard.of(List.of("GET", "POST"), "/api/v1/query", "/api/v1/databases"))
                .add(MethodGuard.of(List.of("POST"), "/api/v1/query/estimate"))
                .add(MethodGuard.of(List.of("DELETE"), "/api/v1/queries/{id}"))
                .add(MethodGuard.of(List.of("GET", "DELETE"), DATABASE))
                .add(MethodGuard.of(List.of("GET", "PUT", "DELETE"), MEASUREMENT))
                .add(MethodGuard.of(
                        List.of("GET"), "/api/v1/queries", DATABASE + "/measurements", MEASUREMENT + "/schema"))
                .build();
    }

    private static RouterFunction<ServerResponse> shortcut(String name, QueryHandler queries, ResultFormat format) {
        String path = "/api/v1/query/" + name;
        return RouterFunctions.route()
                .POST(path, Access.READ.to(request -> queries.post(request, format)))
                .GET(path, Access.READ.to(request -> queries.get(request, format)))
                .add(MethodGuard.of(List.of("GET", "POST"), path))
                .build();
    }
}
