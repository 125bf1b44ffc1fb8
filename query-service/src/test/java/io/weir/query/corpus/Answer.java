package io.weir.query.corpus;

import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.ResultReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.duckdb.DuckDBResultSet;

/**
 * What a statement gave: its columns with their types, and its rows, each cell as Arrow has it.
 *
 * @param columns names and types, in order
 * @param rows the rows, in order
 */
record Answer(List<String> columns, List<String> rows) {

    /** The same rows in an order of their own. */
    Answer sorted() {
        List<String> ordered = new ArrayList<>(rows);
        Collections.sort(ordered);
        return new Answer(columns, ordered);
    }

    /** Reads a whole result into one answer. */
    static final class Reader implements ResultReader<Answer> {

        private boolean read;

        @Override
        public Answer read(ResultCursor cursor) throws IOException {
            if (read) {
                return null;
            }
            read = true;
            List<String> rows = new ArrayList<>();
            while (cursor.advance()) {
                rows(cursor.batch(), cursor.dictionaries(), rows);
            }
            return new Answer(columns(cursor.columnNames(), cursor.columnTypes()), rows);
        }
    }

    /** Reads a result of the driver. */
    static Answer of(DuckDBResultSet result) throws Exception {
        List<String> names = new ArrayList<>();
        List<String> types = new ArrayList<>();
        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
            names.add(result.getMetaData().getColumnName(i));
            types.add(result.getMetaData().getColumnTypeName(i));
        }
        List<String> rows = new ArrayList<>();
        try (RootAllocator allocator = new RootAllocator();
                ArrowReader reader = (ArrowReader) result.arrowExportStream(allocator, 1_000)) {
            while (reader.loadNextBatch()) {
                rows(reader.getVectorSchemaRoot(), reader.getDictionaryVectors(), rows);
            }
        }
        return new Answer(columns(names, types), rows);
    }

    private static List<String> columns(List<String> names, List<String> types) {
        List<String> columns = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            columns.add(names.get(i) + " " + types.get(i));
        }
        return columns;
    }

    private static void rows(VectorSchemaRoot batch, Map<Long, Dictionary> dictionaries, List<String> into) {
        for (int row = 0; row < batch.getRowCount(); row++) {
            StringBuilder text = new StringBuilder();
            for (FieldVector vector : batch.getFieldVectors()) {
                Object cell = vector.getObject(row);
                if (cell != null && vector.getField().getDictionary() != null) {
                    Dictionary dictionary =
                            dictionaries.get(vector.getField().getDictionary().getId());
                    cell = dictionary.getVector().getObject(((Number) cell).intValue());
                }
                text.append(cell instanceof byte[] bytes ? java.util.Arrays.toString(bytes) : cell)
                        .append(" | ");
            }
            into.add(text.toString());
        }
    }
}
