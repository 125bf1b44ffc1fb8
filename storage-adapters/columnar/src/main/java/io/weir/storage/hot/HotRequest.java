package io.weir.storage.hot;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotScope;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one process asks another for, as JSON: {@code {"organisation", "database", "measurement", "from", "to",
 * "columns"}}, where times are UTC microseconds and columns are left out when all are wanted.
 *
 * @param table whose rows
 * @param scope what of them is needed
 */
public record HotRequest(TableId table, HotScope scope) {

    private static final JsonMapper JSON = new JsonMapper();

    static {
        JSON.readTree("{}"); // the first to read takes a lock, which no event loop may wait for
    }

    /** The request in those bytes. @throws WeirException {@code invalid-request} */
    public static HotRequest of(byte[] json) {
        try {
            JsonNode root = JSON.readTree(json);
            TableId table = new TableId(text(root, "organisation"), text(root, "database"), text(root, "measurement"));
            return new HotRequest(
                    table, new HotScope(new TimeRange(number(root, "from"), number(root, "to")), columns(root)));
        } catch (JacksonException e) {
            throw invalid("the body is not JSON");
        }
    }

    private static @Nullable Set<String> columns(JsonNode root) {
        JsonNode names = root.path("columns");
        if (names.isMissingNode() || names.isNull()) {
            return null;
        }
        if (!names.isArray()) {
            throw invalid("member \"columns\" is not an array");
        }
        Set<String> columns = new HashSet<>();
        for (JsonNode name : names) {
            if (!name.isString()) {
                throw invalid("member \"columns\" holds something else than strings");
            }
            columns.add(name.asString());
        }
        return columns;
    }

    /** A member that must be a string. @throws WeirException {@code invalid-request} */
    static String text(JsonNode root, String member) {
        JsonNode value = root.path(member);
        if (!value.isString()) {
            throw invalid("member \"" + member + "\" is missing or not a string");
        }
        return value.asString();
    }

    private static long number(JsonNode root, String member) {
        JsonNode value = root.path(member);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw invalid("member \"" + member + "\" is missing or not a whole number");
        }
        return value.asLong();
    }

    private static WeirException invalid(String detail) {
        return new WeirException(CommonError.INVALID_REQUEST, detail);
    }

    /** This request as UTF-8 JSON. */
    public byte[] toJson() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("organisation", table.organisation());
        members.put("database", table.database());
        members.put("measurement", table.measurement());
        members.put("from", scope.times().fromMicros());
        members.put("to", scope.times().toMicros());
        Set<String> columns = scope.columns();
        if (columns != null) {
            members.put("columns", columns);
        }
        return JSON.writeValueAsBytes(members);
    }
}
