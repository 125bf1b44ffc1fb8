package io.weir.query.edge;

import io.weir.common.hot.HotControl;
import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import io.weir.query.delete.DeleteSettings;
import io.weir.query.delete.Drops;
import io.weir.query.delete.RowDeletes;
import io.weir.query.engine.QueryProperties;
import io.weir.query.engine.QueryRunner;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.Leases;
import io.weir.storage.duckdb.DuckDbEngine;
import java.time.Clock;
import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * Deletes and drops, beside {@link QueryConfiguration}. Needs {@link Deletes}, {@link Leases}, {@link HotControl} and a {@link
 * Clock} besides.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DeleteSettings.class)
public class DeleteConfiguration {

    @Bean
    RowDeletes rowDeletes(
            QueryRunner runner,
            DuckDbEngine engine,
            TableResolver tables,
            Deletes deletes,
            HotControl hot,
            DeleteSettings settings,
            Clock clock) {
        return new RowDeletes(runner, engine, tables, deletes, hot, settings, clock);
    }

    @Bean
    Drops drops(
            TableCatalog catalog,
            TableResolver tables,
            Deletes deletes,
            Leases leases,
            HotControl hot,
            DeleteSettings settings,
            Clock clock) {
        return new Drops(catalog, tables, deletes, leases, hot, settings, clock);
    }

    /** Asked before those of queries, which refuse other methods for the paths of databases. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    RouterFunction<ServerResponse> deleteRoutes(
            QueryProperties properties, RowDeletes rows, Drops drops, Deletes deletes) {
        DeleteHandler handler = new DeleteHandler(properties, rows, drops, deletes);
        String one = DeleteHandler.ROUTE + "/{id}";
        return RouterFunctions.route()
                .POST(DeleteHandler.ROUTE, Access.DELETE.to(handler::delete))
                .GET(DeleteHandler.ROUTE, Access.DELETE.to(handler::list))
                .GET(one, Access.DELETE.to(handler::one))
                .DELETE(QueryConfiguration.DATABASE, Access.DELETE.to(handler::dropDatabase))
                .DELETE(QueryConfiguration.MEASUREMENT, Access.DELETE.to(handler::dropMeasurement))
                .add(MethodGuard.of(List.of("GET", "POST"), DeleteHandler.ROUTE))
                .add(MethodGuard.of(List.of("GET"), one))
                .build();
    }
}
