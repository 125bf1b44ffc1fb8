package io.weir.query.edge;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import io.weir.query.plan.QueryParameters;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.snapshot.Freshness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.web.reactive.function.server.ServerRequest;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a {@link QueryCommand} from a JSON body or from query parameters. Stateless and thread-safe. */
final class QueryCommandReader {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> MEMBERS =
            Set.of("sql", "q", "db", "params", "format", "max_rows", "numbers", "timeout", "page_size", "freshness");

    private QueryCommandReader() {}

    /** The command in a JSON object. @throws WeirException {@code invalid-request}, {@code invalid-parameter}, … */
    static QueryCommand ofBody(byte[] body) {
        return of(object(body, "sql"));
    }

    /** The same. */
    static QueryCommand of(JsonNode root) {
        for (String member : root.propertyNames()) {
            if (!MEMBERS.contains(member)) {
                throw invalid(
                        "member \"" + member
                                + "\" is not known (expected: sql, db, params, format, max_rows, numbers, timeout, page_size, freshness)");
            }
        }
        String sql = text(root, root.has("sql") ? "sql" : "q");
        if (sql == null || sql.isBlank()) {
            throw invalid("member \"sql\" is missing or empty");
        }
        String format = text(root, "format");
        String numbers = text(root, "numbers");
        String timeout = text(root, "timeout");
        String freshness = text(root, "freshness");
        JsonNode rows = root.path("max_rows");
        JsonNode page = root.path("page_size");
        return new QueryCommand(
                sql,
                text(root, "db"),
                parameters(root.path("params")),
                format == null ? null : ResultFormat.of(format),
                rows.isMissingNode() || rows.isNull() ? null : rows(rows.isIntegralNumber() ? rows.asString() : "?"),
                numbers == null ? NumberForm.NUMBER : NumberForm.of(numbers),
                timeout == null ? null : timeout(timeout),
                page.isMissingNode() || page.isNull()
                        ? null
                        : pageRows(page.isIntegralNumber() ? page.asString() : "?"),
                freshness == null ? null : Freshness.of(freshness));
    }

    /** The cursor in a JSON object that has one and nothing else; null when it has none. */
    static @Nullable String cursor(JsonNode root) {
        String cursor = text(root, "cursor");
        if (cursor != null && root.size() > 1) {
            throw invalid("\"cursor\" stands for the whole query (expected: {\"cursor\": …} and nothing else)");
        }
        return cursor;
    }

    /** A body that is one JSON object; {@code member} is what it should have. */
    static JsonNode object(byte[] body, String member) {
        JsonNode root = tree(body, "the body");
        if (!root.isObject()) {
            throw invalid("the body is not a JSON object (expected: {\"" + member + "\": …})");
        }
        return root;
    }

    /** The document in those bytes, which messages call {@code what}. */
    static JsonNode tree(byte[] text, String what) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw invalid(what + " is not JSON: " + e.getOriginalMessage());
        }
    }

    /** The command in the query parameters {@code q} (or {@code sql}), {@code format}, {@code max_rows}, {@code timeout}, {@code page_size}. */
    static QueryCommand ofQuery(ServerRequest request) {
        String sql = request.queryParam("q").or(() -> request.queryParam("sql")).orElse("");
        if (sql.isBlank()) {
            throw invalid("query parameter \"q\" is missing or empty");
        }
        return new QueryCommand(
                sql,
                null,
                QueryParameters.none(),
                request.queryParam("format").map(ResultFormat::of).orElse(null),
                request.queryParam("max_rows").map(QueryCommandReader::rows).orElse(null),
                NumberForm.NUMBER,
                request.queryParam("timeout").map(QueryCommandReader::timeout).orElse(null),
                request.queryParam("page_size")
                        .map(QueryCommandReader::pageRows)
                        .orElse(null),
                null); // the query parameter counts for every request
    }

    /** A member that is a string; null when it is missing. */
    static @Nullable String text(JsonNode root, String member) {
        JsonNode value = root.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isString()) {
            throw invalid("member \"" + member + "\" is not a string");
        }
        return value.asString();
    }

    private static long rows(String text) {
        try {
            long rows = Long.parseLong(text);
            if (rows >= 0) {
                return rows;
            }
        } catch (NumberFormatException e) {
            throw invalid("max_rows is not a whole number from 0 on");
        }
        throw invalid("max_rows is not a whole number from 0 on");
    }

    private static int pageRows(String text) {
        try {
            int rows = Integer.parseInt(text);
            if (rows >= 1) {
                return rows;
            }
        } catch (NumberFormatException e) {
            throw invalid("page_size is not a whole number from 1 on");
        }
        throw invalid("page_size is not a whole number from 1 on");
    }

    private static Duration timeout(String text) {
        try {
            Duration timeout = DurationStyle.detectAndParse(text);
            if (!timeout.isNegative() && !timeout.isZero()) {
                return timeout;
            }
        } catch (IllegalArgumentException e) {
            throw invalid("timeout \"" + text + "\" is not a duration (expected: like 30s or 500ms)");
        }
        throw invalid("timeout \"" + text + "\" is not above 0");
    }

    /** The values of a statement's parameters. */
    static QueryParameters parameters(JsonNode params) {
        if (params.isMissingNode() || params.isNull()) {
            return QueryParameters.none();
        }
        if (params.isArray()) {
            List<@Nullable Object> values = new ArrayList<>();
            params.forEach(value -> values.add(value(value)));
            return QueryParameters.positional(values);
        }
        if (params.isObject()) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            params.properties().forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
            return QueryParameters.named(values);
        }
        throw invalid("member \"params\" is neither an array nor an object");
    }

    private static @Nullable Object value(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        if (value.isBoolean()) {
            return value.asBoolean();
        }
        if (value.isIntegralNumber()) {
            return value.canConvertToLong() ? (Object) value.asLong() : value.bigIntegerValue();
        }
        if (value.isNumber()) {
            return value.asDouble();
        }
        if (value.isString()) {
            return value.asString();
        }
        throw new WeirException(
                QueryError.INVALID_PARAMETER, "a parameter value is a string, a number, true, false or null");
    }

    static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }
}
