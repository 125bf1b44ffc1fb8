package io.weir.query.edge;

import io.weir.common.http.RequestContext;
import io.weir.common.model.DatabaseId;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableResolver;
import java.util.List;
import java.util.Map;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Answers what databases and measurements there are. Thread-safe. */
final class CatalogHandler {

    private final TableCatalog catalog;
    private final TableResolver tables;

    CatalogHandler(TableCatalog catalog, TableResolver tables) {
        this.catalog = catalog;
        this.tables = tables;
    }

    Mono<ServerResponse> databases(ServerRequest request) {
        String organisation = RequestContext.principal(request).organisation();
        return catalog.databases(organisation).collectList().flatMap(names -> names("databases", names));
    }

    Mono<ServerResponse> measurements(ServerRequest request) {
        DatabaseId database =
                new DatabaseId(RequestContext.principal(request).organisation(), request.pathVariable("database"));
        return tables.requireDatabase(database)
                .then(catalog.measurements(database).collectList())
                .flatMap(names -> names("measurements", names));
    }

    private static Mono<ServerResponse> names(String member, List<String> names) {
        return ServerResponse.ok().bodyValue(Map.of(member, names));
    }
}
