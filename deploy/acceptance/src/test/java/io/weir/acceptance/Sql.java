package io.weir.acceptance;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a server in SQL. */
final class Sql {

    static final JsonMapper JSON = new JsonMapper();

    private Sql() {}

    /** The rows of the answer, each a JSON array. */
    static List<JsonNode> rows(WeirProcess server, String database, String sql) {
        HttpResponse<String> answer = server.post(
                "/api/v1/query",
                JSON.writeValueAsString(Map.of("sql", sql, "db", database)),
                "Content-Type",
                "application/json");
        if (answer.statusCode() != 200) {
            throw new AssertionError(sql + " was answered " + answer.statusCode() + " " + answer.body());
        }
        List<JsonNode> rows = new ArrayList<>();
        JSON.readTree(answer.body()).get("data").forEach(rows::add);
        return rows;
    }

    /** The only value of the answer. */
    static long number(WeirProcess server, String database, String sql) {
        return rows(server, database, sql).get(0).get(0).asLong();
    }
}
