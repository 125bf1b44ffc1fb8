package io.weir.storage.parquet.reading;

import io.weir.common.schema.ColumnType;
import java.util.List;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;

/** The readers of all columns of one row group, which advance together. Columns are flat: a value or a null a row. */
final class RowCursor {

    private final ColumnReader[] readers;
    private final CellReader[] cells;
    private final CellReader[] values;
    private final int[] defined;
    private long left;

    private RowCursor(ColumnReader[] readers, CellReader[] cells, CellReader[] values, int[] defined, long rows) {
        this.readers = readers;
        this.cells = cells;
        this.values = values;
        this.defined = defined;
        this.left = rows;
    }

    static RowCursor of(PageReadStore pages, FileMetaData file, ParquetLayout layout, OpenRow row) {
        List<ParquetColumn> columns = layout.columns();
        CellReader[] cells = columns.stream().map(column -> cells(column, row)).toArray(CellReader[]::new);
        ColumnReadStoreImpl store =
                new ColumnReadStoreImpl(pages, new CellReaders(cells), file.getSchema(), file.getCreatedBy());
        ColumnReader[] readers = new ColumnReader[cells.length];
        int[] defined = new int[cells.length];
        for (int i = 0; i < readers.length; i++) {
            readers[i] = store.getColumnReader(columns.get(i).descriptor());
            defined[i] = columns.get(i).descriptor().getMaxDefinitionLevel();
        }
        CellReader[] values = new CellReader[layout.values().size()];
        int count = 0;
        for (int i = 0; i < cells.length; i++) {
            if (columns.get(i).role() == ParquetColumn.Role.VALUE) {
                values[count++] = cells[i];
            }
        }
        return new RowCursor(readers, cells, values, defined, pages.getRowCount());
    }

    private static CellReader cells(ParquetColumn column, OpenRow row) {
        if (column.role() != ParquetColumn.Role.VALUE) {
            return new TimeCells(row, column);
        }
        return switch (column.type()) {
            case TAG, STRING -> new TextCells(row, column);
            case INT64, UINT64, FLOAT64, BOOLEAN -> new NumberCells(row, column);
        };
    }

    /** What a column store wants to be told of columns by. */
    private static final class CellReaders extends GroupConverter {

        private final CellReader[] cells;

        CellReaders(CellReader[] cells) {
            this.cells = cells;
        }

        @Override
        public Converter getConverter(int fieldIndex) {
            return cells[fieldIndex];
        }

        @Override
        public void start() {}

        @Override
        public void end() {}
    }

    /** Rows behind the cursor. */
    long left() {
        return left;
    }

    void begin(List<ColumnType> types) {
        for (int i = 0; i < values.length; i++) {
            values[i].begin(types.get(i));
        }
    }

    /** Gives one row, cell by cell. */
    void read() {
        for (int i = 0; i < readers.length; i++) {
            ColumnReader reader = readers[i];
            if (reader.getCurrentDefinitionLevel() == defined[i]) {
                reader.writeCurrentValueToConverter();
            }
            reader.consume();
        }
        left--;
    }

    void undone() {
        for (CellReader value : cells) {
            value.undone();
        }
    }

    void skip(long rows) {
        for (int i = 0; i < readers.length; i++) {
            ColumnReader reader = readers[i];
            for (long row = 0; row < rows; row++) {
                if (reader.getCurrentDefinitionLevel() == defined[i]) {
                    reader.skip();
                }
                reader.consume();
            }
        }
        left -= rows;
    }
}
