package io.weir.storage.duckdb;

import io.weir.common.error.WeirException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the engine's errors, which arrive as {@code <Kind> Error: {json}} because the instance runs with
 * {@code errors_as_json}, or as plain text while rows are fetched. What clients are shown never holds a path, a stack
 * trace or the text of a view.
 */
final class EngineFailures {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern KIND =
            Pattern.compile("^(?:.*?message=)?([A-Za-z][A-Za-z -]*?) Error: ", Pattern.DOTALL);

    private EngineFailures() {}

    /** The failure that {@code thrown} is. */
    static WeirException of(Throwable thrown) {
        if (thrown instanceof WeirException weir) {
            return weir;
        }
        String raw = String.valueOf(thrown.getMessage());
        JsonNode json = json(raw);
        String kind = kind(raw, json);
        String message = message(raw, json);
        Map<String, Object> context = new HashMap<>();
        if (json != null && json.hasNonNull("position")) {
            context.put("position", json.get("position").asInt() + 1);
        }
        EngineError code = code(kind, json);
        if (code == EngineError.QUERY_FAILED) {
            return new WeirException(code, "the engine failed; the log has the request id", Map.of(), thrown);
        }
        if (code == EngineError.SQL_DENIED) {
            return new WeirException(code, "the statement reaches for something outside the database", context, thrown);
        }
        return new WeirException(code, message, context, thrown);
    }

    /** Whether a failure makes the instance refuse everything from then on. */
    static boolean isFatal(Throwable thrown) {
        String raw = String.valueOf(thrown.getMessage());
        String kind = kind(raw, json(raw));
        return kind.equals("FATAL") || kind.equals("INTERNAL") || raw.contains("database has been invalidated");
    }

    private static EngineError code(String kind, @Nullable JsonNode json) {
        String subtype = json == null ? "" : json.path("error_subtype").asString("");
        return switch (kind) {
            case "Parser", "Syntax" -> EngineError.SQL_SYNTAX;
            case "Binder" -> subtype.equals("COLUMN_NOT_FOUND") ? EngineError.UNKNOWN_COLUMN : EngineError.SQL_INVALID;
            case "Catalog", "Not implemented", "Not Implemented", "Parameter Not Resolved" -> EngineError.SQL_INVALID;
            case "Permission" -> EngineError.SQL_DENIED;
            case "Conversion",
                    "Out of Range",
                    "Invalid Input",
                    "Mismatch Type",
                    "Divide by Zero",
                    "Decimal",
                    "Invalid type",
                    "Invalid" -> EngineError.QUERY_VALUE;
            case "Out of Memory" -> EngineError.QUERY_MEMORY;
            default -> EngineError.QUERY_FAILED;
        };
    }

    private static String kind(String raw, @Nullable JsonNode json) {
        if (json != null && json.hasNonNull("exception_type")) {
            return json.get("exception_type").asString();
        }
        Matcher matcher = KIND.matcher(raw);
        return matcher.find() ? matcher.group(1) : "";
    }

    private static String message(String raw, @Nullable JsonNode json) {
        String text = json == null
                ? KIND.matcher(raw).replaceFirst("")
                : json.path("exception_message").asString(raw);
        int end = text.indexOf("\n\nLINE ");
        text = end < 0 ? text : text.substring(0, end);
        int trace = text.indexOf("\n\tat ");
        return (trace < 0 ? text : text.substring(0, trace)).strip();
    }

    private static @Nullable JsonNode json(String raw) {
        int start = raw.indexOf("{\"exception_type\"");
        if (start < 0) {
            return null;
        }
        int end = raw.lastIndexOf('}') + 1;
        while (end > start) {
            try {
                return JSON.readTree(raw.substring(start, end));
            } catch (JacksonException notWhole) {
                end = raw.lastIndexOf('}', end - 2) + 1; // the driver may wrap the document in text of its own
            }
        }
        return null;
    }
}
