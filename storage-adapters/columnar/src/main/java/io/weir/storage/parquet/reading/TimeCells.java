package io.weir.storage.parquet.reading;

import io.weir.common.schema.ColumnType;

/** The time, or the nanoseconds beside it. */
final class TimeCells extends CellReader {

    private final OpenRow row;
    private final ParquetColumn column;

    TimeCells(OpenRow row, ParquetColumn column) {
        this.row = row;
        this.column = column;
    }

    @Override
    void begin(ColumnType type) {}

    @Override
    void undone() {}

    @Override
    public void addInt(int value) {
        addLong(value);
    }

    @Override
    public void addLong(long value) {
        if (column.role() == ParquetColumn.Role.TIME) {
            row.time(value, column.nanosPerUnit());
        } else {
            row.extraNanos(value);
        }
    }
}
