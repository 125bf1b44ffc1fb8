package io.weir.query.edge;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.RequestContext;
import io.weir.common.model.DatabaseId;
import io.weir.query.delete.Confirmation;
import io.weir.query.delete.DeleteAnswer;
import io.weir.query.delete.DeleteError;
import io.weir.query.delete.DeleteRequest;
import io.weir.query.delete.Drops;
import io.weir.query.delete.RowDeletes;
import io.weir.query.engine.QueryProperties;
import io.weir.storage.catalog.DeletedFile;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.StoredDelete;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;

/** Answers {@code /api/v1/delete}, and {@code DELETE} of databases and measurements. Thread-safe. */
final class DeleteHandler {

    static final String ROUTE = "/api/v1/delete";

    private static final Pattern ROWS = Pattern.compile("\\d{1,18}");
    private static final Set<String> MEMBERS = Set.of("database", "measurement", "where", "dry_run", "confirm");
    private static final int MOST_LISTED = 100;
    private static final int MOST_FILES = 1000;

    private final QueryProperties properties;
    private final RowDeletes rows;
    private final Drops drops;
    private final Deletes deletes;

    DeleteHandler(QueryProperties properties, RowDeletes rows, Drops drops, Deletes deletes) {
        this.properties = properties;
        this.rows = rows;
        this.drops = drops;
        this.deletes = deletes;
    }

    Mono<ServerResponse> delete(ServerRequest request) {
        return QueryHandler.body(request, properties)
                .map(body -> command(QueryCommandReader.object(body, "measurement"), request))
                .flatMap(command -> rows.delete(command).flatMap(answer -> json(json(answer, command.dryRun()))));
    }

    private static DeleteRequest command(JsonNode root, ServerRequest request) {
        for (String member : root.propertyNames()) {
            if (!MEMBERS.contains(member)) {
                throw invalid("member \"" + member
                        + "\" is not known (expected: database, measurement, where, dry_run, confirm)");
            }
        }
        Principal caller = RequestContext.principal(request);
        return new DeleteRequest(
                caller,
                caller.database(Permission.DELETE, required(root, "database")),
                required(root, "measurement"),
                required(root, "where"),
                flag(root.path("dry_run")),
                confirmation(root.path("confirm")));
    }

    private static String required(JsonNode root, String member) {
        String text = QueryCommandReader.text(root, member);
        if (text == null || text.isBlank()) {
            throw invalid("member \"" + member + "\" is missing or empty");
        }
        return text;
    }

    private static boolean flag(JsonNode value) {
        if (!value.isMissingNode() && !value.isBoolean()) {
            throw invalid("member \"dry_run\" is neither true nor false");
        }
        return value.asBoolean(false);
    }

    private static Confirmation confirmation(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return new Confirmation(null);
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
            throw invalid("member \"confirm\" is not a number of rows (expected: how many may go)");
        }
        return new Confirmation(value.asLong());
    }

    private static Confirmation confirmation(ServerRequest request) {
        String text = request.queryParam("confirm").orElse(null);
        if (text != null && !ROWS.matcher(text).matches()) {
            throw invalid("query parameter \"confirm\" is not a number of rows (expected: how many may go)");
        }
        return new Confirmation(text == null ? null : Long.valueOf(text));
    }

    Mono<ServerResponse> dropMeasurement(ServerRequest request) {
        return drops.measurement(
                        RequestContext.principal(request),
                        database(request).table(request.pathVariable("measurement")),
                        confirmation(request))
                .then(ServerResponse.noContent().build());
    }

    Mono<ServerResponse> dropDatabase(ServerRequest request) {
        return drops.database(RequestContext.principal(request), database(request), confirmation(request))
                .then(ServerResponse.noContent().build());
    }

    private static DatabaseId database(ServerRequest request) {
        return RequestContext.principal(request).database(Permission.DELETE, request.pathVariable("database"));
    }

    Mono<ServerResponse> list(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        String policy = request.queryParam("policy").orElse("");
        return deletes.list(caller.organisation(), policy, MOST_LISTED)
                .flatMap(all -> json(Map.of(
                        "deletes",
                        all.stream()
                                .filter(one -> mayLook(caller, one))
                                .map(DeleteHandler::json)
                                .toList())));
    }

    Mono<ServerResponse> one(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        String id = request.pathVariable("id");
        return deletes.find(caller.organisation(), id)
                .filter(found -> mayLook(caller, found))
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        DeleteError.DELETE_NOT_FOUND,
                        "there is no delete of this id, or it is over for longer than weir.delete.rewrite.history")))
                .flatMap(found -> deletes.files(id, MOST_FILES).flatMap(files -> {
                    Map<String, Object> json = json(found);
                    json.put("outcomes", files.stream().map(DeleteHandler::json).toList());
                    return json(json);
                }));
    }

    private static boolean mayLook(Principal caller, StoredDelete delete) {
        return caller.may(Permission.DELETE, delete.table().database());
    }

    private static Map<String, Object> json(DeleteAnswer answer, boolean dryRun) {
        Map<String, Object> json = new LinkedHashMap<>();
        StoredDelete stored = answer.stored();
        if (stored != null) {
            json.put("id", stored.id());
        }
        json.put("dry_run", dryRun);
        json.put("database", answer.table().database());
        json.put("measurement", answer.table().measurement());
        json.put("where", answer.predicate());
        json.put("rows", answer.rows());
        json.put("total_rows", answer.totalRows());
        json.put("files", stored == null ? answer.files() : stored.files());
        if (stored != null) {
            json.put("state", state(stored.ended()));
        }
        return json;
    }

    private static String state(@Nullable Instant ended) {
        return ended == null ? "rewriting" : "done";
    }

    private static Map<String, Object> json(StoredDelete delete) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", delete.id());
        json.put("database", delete.table().database());
        json.put("measurement", delete.table().measurement());
        json.put("where", delete.predicate());
        json.put("state", state(delete.ended()));
        json.put("rows", delete.matchingRows());
        json.put("deleted_at", delete.began().toString());
        Instant ended = delete.ended();
        if (ended != null) {
            json.put("done_at", ended.toString());
        }
        json.put("files", delete.files());
        json.put("files_pending", delete.pendingFiles());
        json.put("files_failing", delete.failingFiles());
        json.put("rows_removed", delete.removedRows());
        return json;
    }

    private static Map<String, Object> json(DeletedFile file) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("file", file.objectKey());
        json.put("outcome", file.outcome().name().toLowerCase(Locale.ROOT));
        json.put("rows", file.rows());
        json.put("rows_removed", file.removedRows());
        if (!file.failure().isEmpty()) {
            json.put("failures_in_a_row", file.failures());
            json.put("failure", file.failure());
        }
        return json;
    }

    private static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }

    private static Mono<ServerResponse> json(Map<String, Object> json) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(json);
    }
}
