package io.weir.query.plan;

import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.SqlText;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A statement whose names are views of one session.
 *
 * @param sql what to execute: the statement as sent, except where a name had to be replaced
 * @param views the view of each measurement, by its name
 * @param parameters values of {@code $1}, {@code $2}, …
 * @param changed whether {@code sql} differs from the statement as sent
 */
public record BoundStatement(
        String sql, Map<String, TableId> views, List<@Nullable Object> parameters, boolean changed) {

    /** No measurement may start so, hence no view of a measurement is named so. */
    private static final String OWN_PREFIX = "__weir_";

    /**
     * Names the views. A measurement that is named without its database keeps its name, so that most statements run as
     * sent; one that is qualified, differs from another in case only, or could be read as a path, gets a name of Weir's
     * and its own as an alias.
     *
     * @param resolved the measurement behind each reference of the statement
     * @throws WeirException {@code sql-not-allowed} where a name cannot be replaced; {@code invalid-parameter}
     */
    public static BoundStatement of(
            ParsedStatement.Select statement, Map<TableReference, TableId> resolved, QueryParameters parameters) {
        byte[] bytes = statement.sql().getBytes(StandardCharsets.UTF_8);
        StatementSplicer splicer = new StatementSplicer(bytes);
        Map<TableId, String> names = names(statement, resolved);
        for (TableReference reference : statement.tables()) {
            TableId table = resolved.get(reference);
            String view = table == null ? null : names.get(table);
            if (view != null && (reference.database() != null || !EngineNames.same(view, reference.name()))) {
                replace(splicer, bytes, reference, view);
            }
        }
        List<@Nullable Object> values = parameters.bind(statement.parameters(), splicer);
        Map<String, TableId> views = new LinkedHashMap<>();
        names.forEach((table, name) -> views.put(name, table));
        return new BoundStatement(splicer.text(), views, values, !splicer.isEmpty());
    }

    private static Map<TableId, String> names(ParsedStatement.Select statement, Map<TableReference, TableId> resolved) {
        Map<TableId, String> names = new LinkedHashMap<>();
        Map<String, TableId> taken = new HashMap<>();
        for (TableReference reference : statement.tables()) {
            TableId table = resolved.get(reference);
            if (table != null && reference.database() == null) {
                boolean fit = EngineNames.isPlain(table.measurement())
                        && EngineNames.same(table.measurement(), reference.name());
                if (fit && taken.putIfAbsent(EngineNames.key(table.measurement()), table) == null) {
                    names.put(table, table.measurement());
                }
            }
        }
        for (TableReference reference : statement.tables()) {
            TableId table = resolved.get(reference);
            if (table != null) {
                names.putIfAbsent(table, OWN_PREFIX + names.size());
            }
        }
        return names;
    }

    private static void replace(StatementSplicer splicer, byte[] sql, TableReference reference, String view) {
        List<String> parts = reference.database() == null
                ? List.of(reference.name())
                : List.of(reference.database(), reference.name());
        int end = reference.startByte() < 0 ? -1 : QualifiedNameText.end(sql, reference.startByte(), parts);
        if (end < 0) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED,
                    "table " + reference.display() + " cannot be named in this place (write SELECT * FROM "
                            + reference.display() + ")");
        }
        String alias = reference.hasAlias() ? "" : " AS " + SqlText.identifier(reference.name());
        splicer.replace(reference.startByte(), end, SqlText.identifier(view) + alias);
    }

    /**
     * Has the engine read a changed statement again, and checks that.
     *
     * @throws WeirException {@code sql-not-allowed} when it does not mean what was read before
     */
    public void verify(ParsedStatement.Select original, StatementParser.Trees trees) throws SQLException {
        if (changed) {
            verify(StatementParser.readAgain(sql, original.pivots(), trees), original);
        }
    }

    /** What the engine is given: the statement without marks, and asked for its plan if it is to be explained. */
    public String executable(ParsedStatement.Select original) {
        return original.explain() + original.pivots().unmarked(sql);
    }

    /** Checks that a changed statement still parses to what was meant: the same places, all of them views of this one. */
    void verify(ParsedStatement reparsed, ParsedStatement.Select original) {
        Set<String> known = views.keySet();
        boolean same = reparsed instanceof ParsedStatement.Select select
                && select.tables().size() == original.tables().size()
                && select.parameters().size() == original.parameters().size()
                && select.tables().stream()
                        .allMatch(table -> table.database() == null
                                && known.stream().anyMatch(name -> EngineNames.same(name, table.name())));
        if (!same) {
            throw new WeirException(
                    QueryError.SQL_NOT_ALLOWED, "the statement's table names cannot be resolved safely");
        }
    }
}
