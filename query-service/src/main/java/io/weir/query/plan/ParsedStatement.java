package io.weir.query.plan;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One allowed statement. */
public sealed interface ParsedStatement {

    /** {@code SHOW DATABASES}. */
    record ShowDatabases() implements ParsedStatement {}

    /** {@code SHOW TABLES}, with the database it names or an empty string for the request's. */
    record ShowTables(String database) implements ParsedStatement {}

    /** {@code DESCRIBE m} or {@code SHOW m}. */
    record Describe(TableReference table) implements ParsedStatement {}

    /**
     * Anything else that is allowed.
     *
     * @param sql the statement as sent, with the marks of its pivots
     * @param pivots those marks
     * @param tables every measurement it names, each place once, in no particular order
     * @param qualified every column that is named with its database
     * @param parameters every use of a bind parameter
     * @param times the times it asks for
     * @param tags what it says of tags
     * @param columns keys of all names that can mean columns; null for every column
     * @param explain words before it that ask for its plan; empty when it shall run
     * @param tree its parse tree, not to be modified
     */
    record Select(
            String sql,
            PivotMarks pivots,
            List<TableReference> tables,
            List<ColumnReference> qualified,
            List<ParameterReference> parameters,
            TimeBounds times,
            TagBounds tags,
            @Nullable Set<String> columns,
            String explain,
            JsonNode tree)
            implements ParsedStatement {

        public Select {
            tables = List.copyOf(tables);
            qualified = List.copyOf(qualified);
            parameters = List.copyOf(parameters);
        }

        /** Whether it can mean the column of that name. */
        public boolean uses(String column) {
            return columns == null || columns.contains(EngineNames.key(column));
        }

        /** The same, asked for its plan. */
        Select explained(String words) {
            return new Select(sql, pivots, tables, qualified, parameters, times, tags, columns, words, tree);
        }
    }
}
