package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One SQL statement for the server.
 *
 * @param sql the statement
 * @param database database of tables without one; empty for the server's default
 * @param parameters bind parameters as typed: all {@code name=value} or all plain values
 */
public record QueryRequest(String sql, String database, List<String> parameters) {

    private static final JsonMapper JSON = new JsonMapper();

    public QueryRequest {
        parameters = List.copyOf(parameters);
    }

    /** The request's body, asking for an answer in {@code format}. */
    byte[] toJson(String format) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("sql", sql);
        if (!database.isEmpty()) {
            body.put("db", database);
        }
        if (!parameters.isEmpty()) {
            body.put("params", bound());
        }
        body.put("format", format);
        return JSON.writeValueAsBytes(body);
    }

    /** A list for positions, a map for names. */
    private Object bound() {
        Map<String, Object> named = new LinkedHashMap<>();
        List<Object> positional = new ArrayList<>();
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            if (equals > 0 && parameter.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]*")) {
                named.put(parameter.substring(0, equals), value(parameter.substring(equals + 1)));
            } else {
                positional.add(value(parameter));
            }
        }
        if (!named.isEmpty() && !positional.isEmpty()) {
            throw CommandFailure.usage(
                    "--param is given both as NAME=VALUE and as a plain VALUE (expected: all of one kind)");
        }
        return named.isEmpty() ? positional : named;
    }

    /** A number, true, false, null or a quoted string as JSON writes them; anything else is text as it stands. */
    private static Object value(String text) {
        try {
            JsonNode json = JSON.readTree(text);
            return json.isValueNode() && !json.isMissingNode() ? json : text;
        } catch (JacksonException e) {
            return text;
        }
    }
}
