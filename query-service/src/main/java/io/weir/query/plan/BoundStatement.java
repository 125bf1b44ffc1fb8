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
import java.util.Objects;
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

    private static final Set<String> BEFORE_BARE_NAMES = Set.of("table", "summarize", "describe", "desc");

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
            if (table == null || view == null) {
                continue;
            }
            boolean clash = isNamedTwice(statement, resolved, reference);
            if (reference.database() != null || !EngineNames.same(view, reference.name())) {
                replace(splicer, statement.sql(), bytes, reference, view, clash);
            }
            if (!reference.hasAlias()) {
                replaceColumns(splicer, bytes, statement, table, reference, clash ? view : reference.name());
            }
        }
        List<@Nullable Object> values = parameters.bind(statement.parameters(), splicer);
        Map<String, TableId> views = new LinkedHashMap<>();
        names.forEach((table, name) -> views.put(name, table));
        return new BoundStatement(splicer.text(), views, values, !splicer.isEmpty());
    }

    /** Whether columns are told apart by database: the statement has another measurement of the same name, neither by another name. */
    private static boolean isNamedTwice(
            ParsedStatement.Select statement, Map<TableReference, TableId> resolved, TableReference reference) {
        TableId table = resolved.get(reference);
        return table != null
                && statement.qualified().stream().anyMatch(column -> column.isOf(table.database(), reference.name()))
                && statement.tables().stream()
                        .anyMatch(other -> !other.hasAlias()
                                && EngineNames.same(other.name(), reference.name())
                                && !Objects.equals(resolved.get(other), table));
    }

    /** Columns named with their database are of a relation that has no database any more. */
    private static void replaceColumns(
            StatementSplicer splicer,
            byte[] sql,
            ParsedStatement.Select statement,
            TableId table,
            TableReference reference,
            String name) {
        for (ColumnReference column : statement.qualified()) {
            if (column.isOf(table.database(), reference.name())) {
                int end = QualifiedNameText.end(
                        sql, column.startByte(), column.parts().subList(0, 2));
                if (end > 0) {
                    splicer.replace(column.startByte(), end, SqlText.identifier(name));
                }
            }
        }
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

    private static void replace(
            StatementSplicer splicer, String text, byte[] sql, TableReference reference, String view, boolean clash) {
        List<String> parts = reference.database() == null
                ? List.of(reference.name())
                : List.of(reference.database(), reference.name());
        if (reference.startByte() < 0) {
            replaceBare(splicer, text, sql, reference, parts, view);
            return;
        }
        int end = QualifiedNameText.end(sql, reference.startByte(), parts);
        if (end < 0) {
            throw unplaced(reference);
        }
        String alias = reference.hasAlias() || clash ? "" : " AS " + SqlText.identifier(reference.name());
        splicer.replace(reference.startByte(), end, SqlText.identifier(view) + alias);
    }

    /** The parser does not say where the name in {@code TABLE m} and {@code SUMMARIZE m} is, which take no other name. */
    private static void replaceBare(
            StatementSplicer splicer,
            String text,
            byte[] sql,
            TableReference reference,
            List<String> parts,
            String view) {
        boolean found = false;
        List<SqlWords.Token> tokens = SqlWords.of(text);
        for (int i = 1; i < tokens.size(); i++) {
            if (!BEFORE_BARE_NAMES.contains(tokens.get(i - 1).word())) {
                continue;
            }
            int start = text.substring(0, tokens.get(i).start()).getBytes(StandardCharsets.UTF_8).length;
            int end = QualifiedNameText.end(sql, start, parts);
            if (end > 0) {
                splicer.replace(start, end, SqlText.identifier(view));
                found = true;
            }
        }
        if (!found) {
            throw unplaced(reference);
        }
    }

    private static WeirException unplaced(TableReference reference) {
        return new WeirException(
                QueryError.SQL_NOT_ALLOWED,
                "table " + reference.display() + " cannot be named in this place (write SELECT * FROM "
                        + reference.display() + ")");
    }

    /**
     * Has the engine read a changed statement again, and checks that.
     *
     * @throws WeirException {@code sql-not-allowed} when it does not mean what was read before
     */
    public void verify(ParsedStatement.Select original, StatementCache statements, StatementParser.Trees trees)
            throws SQLException {
        if (changed) {
            boolean marked = original.pivots().count() > 0;
            verify(
                    marked ? StatementParser.readAgain(sql, original.pivots(), trees) : statements.read(sql, trees),
                    original);
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
