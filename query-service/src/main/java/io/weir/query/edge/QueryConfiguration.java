package io.weir.query.edge;

import io.weir.common.hot.HotRows;
import io.weir.common.http.MethodGuard;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.engine.QueryProperties;
import io.weir.query.engine.QueryRunner;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import java.util.List;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/**
 * The query service. Needs from outside: {@link QueryDirectories}, {@link TableCatalog}, {@link HotRows}, and the shared
 * HTTP edge.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QueryProperties.class)
public class QueryConfiguration {

    @Bean
    DuckDbEngine duckDbEngine(QueryProperties properties, QueryDirectories directories) {
        return DuckDbEngine.open(properties.engine(directories));
    }

    @Bean
    TableResolver tableResolver(TableCatalog catalog, HotRows hotRows) {
        return new TableResolver(catalog, new SnapshotReader(hotRows, catalog));
    }

    @Bean
    QueryRunner queryRunner(
            DuckDbEngine engine, TableCatalog catalog, TableResolver tables, QueryProperties properties) {
        return new QueryRunner(engine, catalog, tables, properties.pruning());
    }

    @Bean
    RouterFunction<ServerResponse> queryRoutes(
            QueryRunner runner, QueryProperties properties, TableCatalog catalog, TableResolver tables) {
        QueryHandler queries = new QueryHandler(runner, properties);
        CatalogHandler catalogs = new CatalogHandler(catalog, tables);
        return RouterFunctions.route()
                .POST("/api/v1/query", queries::post)
                .GET("/api/v1/query", queries::get)
                .GET("/api/v1/databases", catalogs::databases)
                .GET("/api/v1/databases/{database}/measurements", catalogs::measurements)
                .add(MethodGuard.of(List.of("GET", "POST"), "/api/v1/query"))
                .add(MethodGuard.of(List.of("GET"), "/api/v1/databases", "/api/v1/databases/{database}/measurements"))
                .build();
    }
}
