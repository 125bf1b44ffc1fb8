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

    /** Loads the next batch; blocks while the engine computes it. False at the end of the result. */
    public boolean advance() throws IOException {
        while (reader.loadNextBatch()) {
            if (reader.getVectorSchemaRoot().getRowCount() > 0) {
                return true;
            }
        }
        return false;
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
