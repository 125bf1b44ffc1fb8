package io.weir.storage.parquet.reading;

import io.weir.common.schema.ColumnType;

/** Integers, floats and booleans. Integers become floats where the batch wants those. */
final class NumberCells extends CellReader {

    private static final double TWO_TO_64 = 0x1p64;
    private static final long LOW_32 = 0xffff_ffffL;

    private final OpenRow row;
    private final ParquetColumn column;
    private ColumnType type;
    private int field = -1;

    NumberCells(OpenRow row, ParquetColumn column) {
        this.row = row;
        this.column = column;
        this.type = column.type();
    }

    @Override
    void begin(ColumnType wanted) {
        type = wanted;
        field = -1;
    }

    @Override
    void undone() {
        field = -1;
    }

    @Override
    public void addInt(int value) {
        addLong(column.type() == ColumnType.UINT64 ? value & LOW_32 : value);
    }

    @Override
    public void addLong(long value) {
        if (type == ColumnType.FLOAT64) {
            boolean large = column.type() == ColumnType.UINT64 && value < 0;
            addDouble(large ? value + TWO_TO_64 : value);
        } else {
            row.batch().setLong(field(), value);
        }
    }

    @Override
    public void addFloat(float value) {
        addDouble(value);
    }

    @Override
    public void addDouble(double value) {
        row.batch().setDouble(field(), value);
    }

    @Override
    public void addBoolean(boolean value) {
        row.batch().setBoolean(field(), value);
    }

    private int field() {
        row.field();
        if (field < 0) {
            field = row.batch().field(column.name(), type);
        }
        return field;
    }
}
