package io.weir.storage.parquet.reading;

import io.weir.common.model.Names;
import io.weir.common.schema.ColumnType;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.jspecify.annotations.Nullable;

/**
 * Strings, as tags or fields. A value that the file keeps in a dictionary is copied from it, and found in the batch's
 * dictionary of a tag once; others come as an object each, from parquet-java.
 */
final class TextCells extends CellReader {

    private final OpenRow row;
    private final ParquetColumn column;
    private boolean tag;
    private int index = -1;
    private int entry = -1;
    private @Nullable TextDictionary dictionary;

    TextCells(OpenRow row, ParquetColumn column) {
        this.row = row;
        this.column = column;
    }

    @Override
    void begin(ColumnType type) {
        tag = type == ColumnType.TAG;
        index = -1;
        if (dictionary != null) {
            dictionary.forgetCodes();
        }
    }

    @Override
    void undone() {
        index = -1;
        if (dictionary != null && entry >= 0) {
            dictionary.remember(entry, -1);
        }
    }

    @Override
    public boolean hasDictionarySupport() {
        return true;
    }

    @Override
    public void setDictionary(Dictionary values) {
        dictionary = new TextDictionary(values, row.text());
    }

    @Override
    public void addValueFromDictionary(int id) {
        TextDictionary values = dictionary;
        if (values == null || id < 0) {
            throw new IllegalStateException("a page refers to a dictionary that is not there");
        }
        entry = id;
        int known = tag ? values.code(id) : -1;
        if (known >= 0) {
            row.batch().series().stage(index(), known);
        } else if (values.isValid(id)) {
            int code = add(values.bytes(), values.from(id), values.to(id));
            values.remember(id, code);
        } else {
            notText();
        }
    }

    @Override
    public void addBinary(Binary value) {
        entry = -1;
        byte[] bytes = value.getBytesUnsafe();
        if (row.text().firstInvalid(bytes, 0, bytes.length) < 0) {
            add(bytes, 0, bytes.length);
        } else {
            notText();
        }
    }

    private void notText() {
        row.fault("value of column \"" + Names.printable(column.name()) + "\" is not UTF-8", "well-formed UTF-8");
    }

    /** Sets the value. @return its code when it is that of a tag, else -1 */
    private int add(byte[] bytes, int from, int to) {
        if (!row.takeText(column.name(), to - from)) {
            return -1;
        }
        if (!tag) {
            row.field();
            row.batch().setString(index(), bytes, from, to);
            return -1;
        }
        if (from == to) {
            return -1; // the empty string is no value of a tag
        }
        int code = row.batch().series().code(index(), bytes, from, to);
        row.batch().series().stage(index, code);
        return code;
    }

    private int index() {
        if (index < 0) {
            index = tag ? row.batch().series().tag(column.name()) : row.batch().field(column.name(), ColumnType.STRING);
        }
        return index;
    }
}
