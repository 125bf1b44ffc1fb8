package io.weir.query.edge;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.RequestContext;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Dedup;
import io.weir.common.model.Names;
import io.weir.common.model.TimeRange;
import io.weir.common.schema.ColumnType;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.Reading;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableResolver;
import io.weir.query.snapshot.TableSize;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.ServerWebInputException;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Answers what databases and measurements there are. Thread-safe. */
final class CatalogHandler {

    private static final String DATABASES = "/api/v1/databases/";
    private static final String CHANGE = "(expected: {\"dedup\": \"last\"} or {\"dedup\": \"append\"})";

    private final TableCatalog catalog;
    private final TableResolver tables;
    private final Freshness freshness;

    /** Sizes are those of rows of that freshness, unless a request says which. */
    CatalogHandler(TableCatalog catalog, TableResolver tables, Freshness freshness) {
        this.catalog = catalog;
        this.tables = tables;
        this.freshness = freshness;
    }

    Mono<ServerResponse> databases(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return catalog.databases(caller.organisation())
                .filter(name -> caller.may(Permission.READ, name))
                .collectList()
                .flatMap(names -> names("databases", names));
    }

    Mono<ServerResponse> measurements(ServerRequest request) {
        DatabaseId database = database(request, "database");
        return tables.requireDatabase(database)
                .then(catalog.measurements(database).collectList())
                .flatMap(names -> names("measurements", names));
    }

    Mono<ServerResponse> create(ServerRequest request) {
        return request.bodyToMono(JsonNode.class)
                .onErrorMap(
                        ServerWebInputException.class, e -> invalid("the body is not JSON (expected: {\"name\": …})"))
                .switchIfEmpty(Mono.error(() -> invalid("the body is empty (expected: {\"name\": …})")))
                .map(body -> body.path("name"))
                .filter(JsonNode::isString)
                .switchIfEmpty(Mono.error(() -> invalid("member \"name\" is missing or not a string")))
                .map(name -> RequestContext.principal(request)
                        .database(Permission.WRITE, Names.requireDatabase(name.asString())))
                .flatMap(database -> catalog.createDatabase(database).flatMap(created -> created(database, created)));
    }

    private static Mono<ServerResponse> created(DatabaseId database, boolean created) {
        ServerResponse.BodyBuilder answer =
                created ? ServerResponse.created(URI.create(DATABASES + database.database())) : ServerResponse.ok();
        return answer.bodyValue(Map.of("name", database.database()));
    }

    Mono<ServerResponse> database(ServerRequest request) {
        DatabaseId database = database(request, "database");
        return tables.requireDatabase(database)
                .then(catalog.measurements(database).count())
                .flatMap(count ->
                        ServerResponse.ok().bodyValue(Map.of("name", database.database(), "measurements", count)));
    }

    Mono<ServerResponse> schema(ServerRequest request) {
        Reading reading = Reading.ofTimes(TimeRange.ALL, QueryHandler.freshness(request, freshness));
        return tables.size(database(request, "database"), request.pathVariable("measurement"), reading)
                .zipWhen(size -> catalog.dedup(size.table()).defaultIfEmpty(Dedup.APPEND)) // dropped meanwhile
                .flatMap(both -> ServerResponse.ok().bodyValue(json(both.getT1(), both.getT2())));
    }

    /** Says what becomes of rows of one series and time. It is for those who may delete, since rows go by it. */
    Mono<ServerResponse> change(ServerRequest request) {
        return request.bodyToMono(JsonNode.class)
                .onErrorMap(ServerWebInputException.class, e -> invalid("the body is not JSON " + CHANGE))
                .switchIfEmpty(Mono.error(() -> invalid("the body is empty " + CHANGE)))
                .map(CatalogHandler::dedup)
                .flatMap(dedup -> {
                    String measurement = request.pathVariable("measurement");
                    DatabaseId database = RequestContext.principal(request)
                            .database(Permission.DELETE, request.pathVariable("database"));
                    return catalog.setDedup(database.table(measurement), dedup)
                            .then(ServerResponse.ok().bodyValue(changed(measurement, dedup)));
                });
    }

    private static Map<String, Object> changed(String measurement, Dedup dedup) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("measurement", measurement);
        json.put("dedup", dedup.word());
        return json;
    }

    private static Dedup dedup(JsonNode body) {
        if (!body.isObject() || body.size() != 1 || !body.path("dedup").isString()) {
            throw invalid("member \"dedup\" is missing, is not a string or is not the only one " + CHANGE);
        }
        return Dedup.ofWord(body.path("dedup").asString())
                .orElseThrow(() -> invalid(
                        "dedup is \"" + Names.printable(body.path("dedup").asString()) + "\" " + CHANGE));
    }

    private static Map<String, Object> json(TableSize size, Dedup dedup) {
        List<Map<String, Object>> columns = new ArrayList<>();
        columns.add(column("time", "TIMESTAMP WITH TIME ZONE", false));
        if (size.schema().hasNanos()) {
            columns.add(column("time_nanos", "SMALLINT", false));
        }
        size.schema()
                .columns()
                .forEach(column ->
                        columns.add(column(column.name(), column.type().sqlType(), column.type() == ColumnType.TAG)));
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("measurement", size.table().measurement());
        json.put("columns", columns);
        json.put("dedup", dedup.word());
        EstimateJson.put(json, size);
        return json;
    }

    private static Map<String, Object> column(String name, String type, boolean tag) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", name);
        json.put("type", type);
        json.put("tag", tag);
        return json;
    }

    private static DatabaseId database(ServerRequest request, String variable) {
        return RequestContext.principal(request).database(Permission.READ, request.pathVariable(variable));
    }

    private static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }

    private static Mono<ServerResponse> names(String member, List<String> names) {
        return ServerResponse.ok().bodyValue(Map.of(member, names));
    }
}
