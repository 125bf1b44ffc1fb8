package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.sql.SQLException;
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

    /** Three levels an operator. The threads that plan have the stack for it, and the engine its own limit behind this one. */
    private static final int DEEPEST = 4_000;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .build())
                    .build())
            .build();

    private StatementParser() {}

    /** Asks the engine for the tree of a statement, with {@link #TREE_SQL}. */
    @FunctionalInterface
    public interface Trees {

        /** The tree, as JSON. */
        String of(String sql) throws SQLException;
    }

    /**
     * Reads a statement as sent, {@code EXPLAIN} included.
     *
     * @throws WeirException {@code sql-syntax} or {@code sql-not-allowed}, with the position where there is one
     */
    public static ParsedStatement read(String sql, Trees trees) throws SQLException {
        StatementDepth.check(sql);
        ExplainPrefix prefix = ExplainPrefix.of(sql);
        String statement = prefix.statement();
        JsonNode tree = tree(trees.of(statement));
        PivotMarks pivots = PivotMarks.none(statement);
        if (isNoSelect(tree)) {
            PivotMarks marked = PivotMarks.of(statement);
            if (marked.count() > 0) {
                pivots = marked;
                tree = tree(trees.of(marked.sql()));
                if (tree.path("error").asBoolean(false)) {
                    throw notAllowed(
                            "this PIVOT is not supported (expected: ON columns or expressions, each with or without a"
                                    + " list of values, one statement): "
                                    + marked.unmarked(tree.path("error_message").asString("")));
                }
            }
        }
        return prefix.over(parse(pivots, tree));
    }

    /** Reads what became of a statement once its names were replaced. */
    static ParsedStatement readAgain(String sql, PivotMarks pivots, Trees trees) throws SQLException {
        return parse(new PivotMarks(sql, pivots.mark(), pivots.count()), tree(trees.of(sql)));
    }

    /**
     * The statement whose tree that is.
     *
     * @param sql the statement as sent
     * @param treeJson what {@link #TREE_SQL} gave for it
     * @throws WeirException {@code sql-syntax} or {@code sql-not-allowed}, with the position where there is one
     */
    public static ParsedStatement parse(String sql, String treeJson) {
        return parse(PivotMarks.none(sql), tree(treeJson));
    }

    private static ParsedStatement parse(PivotMarks pivots, JsonNode tree) {
        String sql = pivots.sql();
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
        if (special != null) {
            return special;
        }
        try {
            return new StatementFence(pivots).check(node);
        } catch (StackOverflowError e) { // a thread with a smaller stack than those of queries
            throw new WeirException(QueryError.SQL_NOT_ALLOWED, "the statement is nested too deeply", e);
        }
    }

    /** A tree that the engine gave. @throws WeirException {@code sql-not-allowed} when it is too deep */
    static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (StreamConstraintsException e) {
            throw new WeirException(QueryError.SQL_NOT_ALLOWED, "the statement is nested too deeply", e);
        }
    }

    private static boolean isNoSelect(JsonNode tree) {
        return tree.path("error").asBoolean(false)
                && tree.path("error_message").asString("").startsWith("Only SELECT statements");
    }

    private static WeirException failure(String sql, JsonNode tree) {
        String message = tree.path("error_message").asString("");
        long position = tree.path("position").asLong(-1);
        if (message.startsWith("Max expression depth")) {
            return notAllowed("the statement is nested too deeply");
        }
        if (isNoSelect(tree)) {
            return new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "only one read-only statement is allowed: SELECT, WITH, FROM, VALUES, PIVOT, DESCRIBE, SHOW or EXPLAIN");
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
