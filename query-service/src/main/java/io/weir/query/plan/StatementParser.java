package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the engine's parse tree of a statement and decides whether it is allowed. Stateless and thread-safe. The tree is
 * the only thing looked at: no regular expression ever sees the SQL.
 */
public final class StatementParser {

    /** Gives the tree of the statement bound to its one parameter. */
    public static final String TREE_SQL = "SELECT json_serialize_sql(?, skip_null := true, skip_empty := true)";

    private static final int DEEPEST = 500;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .build();

    private StatementParser() {}

    /**
     * The statement whose tree that is.
     *
     * @param sql the statement as sent
     * @param treeJson what {@link #TREE_SQL} gave for it
     * @throws WeirException {@code sql-syntax} or {@code sql-not-allowed}, with the position where there is one
     */
    public static ParsedStatement parse(String sql, String treeJson) {
        JsonNode tree = tree(treeJson);
        if (tree.path("error").asBoolean(false)) {
            throw failure(sql, tree);
        }
        JsonNode statements = tree.path("statements");
        if (statements.size() != 1) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED, "expected exactly one statement, found " + statements.size());
        }
        JsonNode node = statements.get(0).path("node");
        ParsedStatement special = special(sql, node);
        return special != null ? special : new StatementFence(sql).check(node);
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (StreamConstraintsException e) {
            throw new WeirException(QueryError.SQL_NOT_ALLOWED, "the statement is nested too deeply", e);
        }
    }

    private static WeirException failure(String sql, JsonNode tree) {
        String message = tree.path("error_message").asString("");
        long position = tree.path("position").asLong(-1);
        if (message.startsWith("Only SELECT statements")) {
            return new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "only one read-only statement is allowed: SELECT, WITH, FROM, VALUES, DESCRIBE, SHOW or EXPLAIN"
                            + " (PIVOT is not supported yet)");
        }
        return new WeirException(
                QueryError.SQL_SYNTAX, message + SqlPosition.phrase(sql, position), SqlPosition.context(sql, position));
    }

    private static @Nullable ParsedStatement special(String sql, JsonNode node) {
        JsonNode from = node.path("from_table");
        if (!from.path("type").asString("").equals("SHOW_REF")) {
            return null;
        }
        String name = from.path("table_name").asString("");
        return switch (from.path("show_type").asString("")) {
            case "SHOW_SPECIAL" ->
                switch (name.toLowerCase(Locale.ROOT)) {
                    case "\"databases\"" -> new ParsedStatement.ShowDatabases();
                    case "\"tables\"", "__show_tables_expanded" -> new ParsedStatement.ShowTables("");
                    default -> throw notAllowed("this SHOW is not supported (expected: SHOW DATABASES or SHOW TABLES)");
                };
            case "SHOW_FROM" -> new ParsedStatement.ShowTables(single(from));
            case "SHOW" -> new ParsedStatement.Describe(StatementFence.table(sql, from));
            case "DESCRIBE" -> describe(sql, from.path("query"));
            default -> null;
        };
    }

    /** {@code DESCRIBE m}: the parser makes it a {@code SELECT * FROM m} without a position. */
    private static @Nullable ParsedStatement describe(String sql, JsonNode query) {
        JsonNode from = query.path("from_table");
        boolean bare = from.path("type").asString("").equals("BASE_TABLE")
                && StatementFence.start(from) < 0
                && !query.has("where_clause");
        return bare ? new ParsedStatement.Describe(StatementFence.table(sql, from)) : null;
    }

    private static String single(JsonNode showFrom) {
        if (showFrom.hasNonNull("catalog_name")) {
            throw notAllowed("SHOW TABLES FROM takes one database name");
        }
        return showFrom.path("schema_name").asString("");
    }

    private static WeirException notAllowed(String detail) {
        return new WeirException(QueryError.SQL_NOT_ALLOWED, detail);
    }
}
