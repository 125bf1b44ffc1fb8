package io.weir.query.result;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.DecimalVector;

/** Checks that integers of 128 bits fit the decimals of 38 digits that stand for them in typed formats. */
final class WideIntegers {

    private static final BigInteger BOUND = BigInteger.TEN.pow(38);
    /** The upper 64 bits of the bound: smaller ones need no closer look. */
    private static final long UPPER_BOUND = BOUND.shiftRight(64).longValueExact();

    private final List<Column> columns;

    private WideIntegers(List<Column> columns) {
        this.columns = columns;
    }

    static WideIntegers none() {
        return new WideIntegers(List.of());
    }

    /** The columns to check of a result that has a batch. */
    static WideIntegers of(ResultCursor cursor) throws IOException {
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < cursor.columnTypes().size(); i++) {
            String type = cursor.columnTypes().get(i);
            if (type.equals("HUGEINT") || type.equals(ResultTypes.UHUGEINT)) {
                DecimalVector vector = (DecimalVector) cursor.batch().getVector(i);
                columns.add(new Column(cursor.columnNames().get(i), type, vector));
            }
        }
        return new WideIntegers(columns);
    }

    /** Checks those rows of the batch. @throws WeirException {@code result-type} */
    void requireFit(int from, int count) {
        for (Column column : columns) {
            for (int row = from; row < from + count; row++) {
                column.requireFit(row);
            }
        }
    }

    private record Column(String name, String type, DecimalVector vector) {

        void requireFit(int row) {
            if (vector.isNull(row)) {
                return;
            }
            long upper = vector.getDataBuffer().getLong(row * 16L + 8);
            boolean unsigned = type.equals(ResultTypes.UHUGEINT);
            if (upper < UPPER_BOUND && upper > (unsigned ? -1 : -UPPER_BOUND)) {
                return;
            }
            BigInteger value = unsigned
                    ? ResultTypes.unsigned(vector, row)
                    : vector.getObject(row).unscaledValue();
            if (value.abs().compareTo(BOUND) >= 0) {
                throw new WeirException(
                        QueryError.RESULT_TYPE,
                        "column " + name + " is " + type + " and holds " + value
                                + ", which has more than the 38 digits of this format (cast it to VARCHAR)",
                        Map.of("column", name, "type", type));
            }
        }
    }
}
