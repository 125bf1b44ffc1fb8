package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.dictionary.Dictionary;

/** Writers of values as cells of CSV. Null is nothing at all; numbers and times have the text they have in JSON. */
final class CsvColumns {

    private CsvColumns() {}

    /** The writers of all columns of a result that has a batch. */
    static List<TextColumn> of(ResultCursor cursor) throws IOException {
        List<TextColumn> columns = new ArrayList<>();
        for (int i = 0; i < cursor.columnNames().size(); i++) {
            FieldVector vector = cursor.batch().getVector(i);
            TextColumn loaded = LoadedColumn.of(vector, LoadedColumn.Form.CSV);
            columns.add(loaded == null ? present(vector, values(cursor, vector, i)) : loaded);
        }
        return columns;
    }

    private static TextColumn present(FieldVector vector, TextColumn value) {
        return (out, row) -> {
            if (!vector.isNull(row)) {
                value.write(out, row);
            }
        };
    }

    private static TextColumn values(ResultCursor cursor, FieldVector vector, int column) throws IOException {
        if (vector.getField().getDictionary() != null) {
            Dictionary dictionary = JsonColumns.dictionaryOf(vector, cursor.dictionaries());
            return (out, row) -> string(out, JsonColumns.words(dictionary), JsonColumns.code(vector, row));
        }
        if (vector instanceof Float4Vector floats) {
            return (out, row) -> out.numberOrName(floats.get(row)); // CSV can say NaN, which JSON cannot
        }
        TextColumn json = JsonColumns.of(cursor, column);
        if (isNested(vector)) {
            TextBytes document = new TextBytes(256);
            return (out, row) -> {
                document.clear();
                json.write(document, row);
                if (!document.isNothing()) { // a union is null without saying so
                    out.cell(document.array(), 0, document.size());
                }
            };
        }
        if (vector instanceof VarBinaryVector || TemporalColumns.of(vector) != null) {
            return (out, row) -> {
                int from = out.size();
                json.write(out, row);
                out.unquote(from);
            };
        }
        return json;
    }

    private static boolean isNested(FieldVector vector) {
        return vector instanceof ListVector
                || vector instanceof FixedSizeListVector
                || vector instanceof StructVector
                || vector instanceof UnionVector;
    }

    private static void string(TextBytes out, VarCharVector strings, int row) {
        out.cell(strings.getDataBuffer(), strings.getStartOffset(row), strings.getEndOffset(row));
    }
}
