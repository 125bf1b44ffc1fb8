package io.weir.storage.duckdb;

import java.io.IOException;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBPreparedStatement;
import org.duckdb.DuckDBResultSet;

/**
 * The result of a running statement, one Arrow batch at a time. Belongs to the session's worker: only a
 * {@link ResultReader} sees it, and only while it is called.
 */
public final class ResultCursor {

    /** Rows of a batch: large enough that the cost of a batch does not show, small enough to bound memory. */
    private static final int BATCH_ROWS = 4096;

    private final DuckDBPreparedStatement statement;
    private final DuckDBResultSet result;
    private final BufferAllocator allocator;
    private final ArrowReader reader;
    private final List<String> columnNames;
    private final List<String> columnTypes;
    private long left = Long.MAX_VALUE;
    private int firstRow;
    private int endRow;
    private int loaded;
    private boolean ended;

    private ResultCursor(
            DuckDBPreparedStatement statement, DuckDBResultSet result, BufferAllocator allocator, ArrowReader reader)
            throws SQLException {
        this.statement = statement;
        this.result = result;
        this.allocator = allocator;
        this.reader = reader;
        ResultSetMetaData meta = result.getMetaData();
        List<String> names = new ArrayList<>();
        List<String> types = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            names.add(meta.getColumnName(i));
            types.add(meta.getColumnTypeName(i));
        }
        this.columnNames = List.copyOf(names);
        this.columnTypes = List.copyOf(types);
    }

    /** Takes ownership of {@code statement}, which has been executed into {@code result}, and of {@code allocator}. */
    static ResultCursor of(DuckDBPreparedStatement statement, DuckDBResultSet result, BufferAllocator allocator)
            throws SQLException {
        ArrowReader reader = (ArrowReader) result.arrowExportStream(allocator, BATCH_ROWS);
        return new ResultCursor(statement, result, allocator, reader);
    }

    /** Column names in order; two may be equal. */
    public List<String> columnNames() {
        return columnNames;
    }

    /** The engine's names of the column types, in order. */
    public List<String> columnTypes() {
        return columnTypes;
    }

    /** The columns of the batch last advanced to. The vectors are refilled by the next {@link #advance}. */
    public VectorSchemaRoot batch() throws IOException {
        return reader.getVectorSchemaRoot();
    }

    /** The dictionaries of enum columns, by id. */
    public Map<Long, Dictionary> dictionaries() throws IOException {
        return reader.getDictionaryVectors();
    }

    /**
     * Ends the result, as {@link #advance} tells it, after that many more rows, also amid a batch. Those behind them come when
     * this is called again.
     */
    public void page(long rows) {
        left = rows;
    }

    /** Goes to the next rows; blocks while the engine computes them. False at the end of the result, or of the page. */
    public boolean advance() throws IOException {
        if (left == 0 || !hasMore()) {
            return false;
        }
        int rows = (int) Math.min(left, loaded - endRow);
        firstRow = endRow;
        endRow += rows;
        left -= rows;
        return true;
    }

    /** Whether rows follow those last advanced to, on this page or behind it; blocks while the engine computes them. */
    public boolean hasMore() throws IOException {
        while (endRow == loaded && !ended) {
            ended = !reader.loadNextBatch();
            endRow = 0;
            loaded = ended ? 0 : reader.getVectorSchemaRoot().getRowCount();
        }
        return endRow < loaded;
    }

    /** The first row last advanced to, of the batch. */
    public int firstRow() {
        return firstRow;
    }

    /** The row behind the last one advanced to, of the batch. */
    public int endRow() {
        return endRow;
    }

    /** Releases the result; the engine stops computing it. */
    void close() throws Exception {
        try (statement;
                result;
                allocator;
                reader) {
            // The resources close in reverse order: stream, buffers, result, statement.
        }
    }
}
