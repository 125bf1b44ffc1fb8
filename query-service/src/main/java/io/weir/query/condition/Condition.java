package io.weir.query.condition;

import io.weir.common.batch.Bits;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.query.plan.ConditionText;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A condition on single rows, tried on all rows of a batch at once. It says of them what the engine would, where columns and
 * literals are of one kind; a column that a batch does not have is null in all its rows. Immutable and thread-safe.
 */
public sealed interface Condition {

    /**
     * The condition that a text is.
     *
     * @throws WeirException {@code invalid-condition}, with the position, for what no condition here can be
     */
    static Condition of(ConditionText text) {
        return new ConditionReader(text).read();
    }

    /** What it says of each row. */
    Truth of(ColumnBatch batch);

    /** Adds the names of the columns it looks at. */
    void addColumns(Set<String> names);

    /** Names of the columns it looks at, sorted. */
    default Set<String> columns() {
        Set<String> names = new TreeSet<>();
        addColumns(names);
        return names;
    }

    /** Numbers of the rows for which it holds, ascending. */
    default int[] rows(ColumnBatch batch) {
        long[] yes = of(batch).yes();
        int[] rows = new int[Bits.cardinality(yes, batch.rows())];
        int count = 0;
        for (int word = 0; word < yes.length; word++) {
            for (long left = yes[word]; left != 0; left &= left - 1) {
                rows[count++] = word * Long.SIZE + Long.numberOfTrailingZeros(left);
            }
        }
        return rows;
    }

    /** {@code AND}; of nothing it holds. */
    record AllOf(List<Condition> parts) implements Condition {

        public AllOf {
            parts = List.copyOf(parts);
        }

        @Override
        public Truth of(ColumnBatch batch) {
            Truth all = Truth.all(true, batch.rows());
            for (Condition part : parts) {
                all = all.and(part.of(batch));
            }
            return all;
        }

        @Override
        public void addColumns(Set<String> names) {
            parts.forEach(part -> part.addColumns(names));
        }
    }

    /** {@code NOT}; {@code OR} is one of these around others. */
    record Not(Condition part) implements Condition {

        @Override
        public Truth of(ColumnBatch batch) {
            return part.of(batch).not();
        }

        @Override
        public void addColumns(Set<String> names) {
            part.addColumns(names);
        }
    }

    /** {@code IS NULL}. */
    record IsNull(String column) implements Condition {

        @Override
        public Truth of(ColumnBatch batch) {
            return BatchColumn.of(batch, column).isNull();
        }

        @Override
        public void addColumns(Set<String> names) {
            names.add(column);
        }
    }

    /** A comparison with null, which says nothing of any row. */
    record Unknown(String column) implements Condition {

        @Override
        public Truth of(ColumnBatch batch) {
            return Truth.unknown(batch.rows());
        }

        @Override
        public void addColumns(Set<String> names) {
            names.add(column);
        }
    }

    /** A test of the values of one column. */
    record Of(String column, ValueTest test) implements Condition {

        @Override
        public Truth of(ColumnBatch batch) {
            return BatchColumn.of(batch, column).test(test);
        }

        @Override
        public void addColumns(Set<String> names) {
            names.add(column);
        }
    }
}
