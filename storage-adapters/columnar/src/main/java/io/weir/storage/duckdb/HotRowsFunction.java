package io.weir.storage.duckdb;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionBuilder;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.jspecify.annotations.Nullable;

/**
 * The table function {@code weir_hot(id)}: the rows of one {@link HotTable} as {@code time_us BIGINT, time_nanos
 * SMALLINT, c0, c1, …}, the schema's columns by position. Columns are filled only when the statement uses them. Threads
 * of the engine take whole batches.
 */
final class HotRowsFunction implements DuckDBTableFunction<HotTable, HotRowsFunction.Scan, HotRowsFunction.Cursor> {

    static final String NAME = "weir_hot";
    static final String TIME_COLUMN = "time_us";
    static final String NANOS_COLUMN = "time_nanos";

    private final HotTables tables;
    private final int threads;

    private HotRowsFunction(HotTables tables, int threads) {
        this.tables = tables;
        this.threads = threads;
    }

    static void register(DuckDBConnection root, HotTables tables, int threads) throws SQLException {
        try (DuckDBTableFunctionBuilder builder = DuckDBFunctions.tableFunction()) {
            builder.withName(NAME)
                    .withParameter(DuckDBColumnType.VARCHAR)
                    .withProjectionPushdown()
                    .withFunction(new HotRowsFunction(tables, threads))
                    .register(root);
        }
    }

    /** Name of the schema's column at that position. */
    static String columnName(int position) {
        return "c" + position;
    }

    @Override
    public HotTable bind(DuckDBTableFunctionBindInfo info) {
        HotTable table = tables.find(info.getParameter(0).getString());
        if (table == null) {
            throw new IllegalArgumentException("no hot rows under this id");
        }
        info.addResultColumn(TIME_COLUMN, DuckDBColumnType.BIGINT);
        info.addResultColumn(NANOS_COLUMN, DuckDBColumnType.SMALLINT);
        int position = 0;
        for (Column column : table.schema().columns()) {
            info.addResultColumn(columnName(position++), engineType(column.type()));
        }
        info.setCardinality(table.rows(), true);
        return table;
    }

    private static DuckDBColumnType engineType(ColumnType type) {
        return switch (type) {
            case TAG, STRING -> DuckDBColumnType.VARCHAR;
            case INT64 -> DuckDBColumnType.BIGINT;
            case UINT64 -> DuckDBColumnType.UBIGINT;
            case FLOAT64 -> DuckDBColumnType.DOUBLE;
            case BOOLEAN -> DuckDBColumnType.BOOLEAN;
        };
    }

    @Override
    public Scan init(DuckDBTableFunctionInitInfo info) {
        HotTable table = info.getBindData();
        int columns = Math.toIntExact(info.getColumnCount());
        long[] projection = new long[columns];
        for (int i = 0; i < columns; i++) {
            projection[i] = info.getColumnIndex(i);
        }
        info.setMaxThreads(Math.max(1, Math.min(threads, table.batches().size())));
        return new Scan(table, projection);
    }

    @Override
    public Cursor localInit(DuckDBTableFunctionInitInfo info) {
        return new Cursor();
    }

    @Override
    public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter out) {
        Scan scan = info.getInitData();
        Cursor cursor = info.getLocalInitData();
        return cursor.fill(scan, out);
    }

    /** What all threads of one scan share: which columns, and which batch is next. */
    static final class Scan {

        private final HotTable table;
        private final long[] projection;
        private final AtomicInteger nextBatch = new AtomicInteger();

        Scan(HotTable table, long[] projection) {
            this.table = table;
            this.projection = projection;
        }

        private @Nullable ColumnBatch next() {
            int index = nextBatch.getAndIncrement();
            return index < table.batches().size() ? table.batches().get(index) : null;
        }
    }

    /** Where one thread of a scan is. */
    static final class Cursor {

        private @Nullable ColumnBatch batch;
        private @Nullable HotColumn[] columns = new HotColumn[0];
        private int row;

        private long fill(Scan scan, DuckDBDataChunkWriter out) {
            ColumnBatch current = batch;
            if (current == null || row == current.rows()) {
                current = scan.next();
                if (current == null) {
                    return 0;
                }
                open(scan, current);
            }
            int count = (int) Math.min(out.capacity(), current.rows() - row);
            for (int i = 0; i < columns.length; i++) {
                HotColumn column = columns[i];
                if (column != null) {
                    column.copy(out.vector(i), row, count);
                }
            }
            row += count;
            return count;
        }

        private void open(Scan scan, ColumnBatch next) {
            batch = next;
            row = 0;
            columns = new HotColumn[scan.projection.length];
            for (int i = 0; i < columns.length; i++) {
                long index = scan.projection[i];
                // An index past the columns is the row id, which count(*) projects and nobody reads.
                columns[i] = index >= 0 && index < scan.table.columnCount() ? scan.table.column(next, index) : null;
            }
        }
    }
}
