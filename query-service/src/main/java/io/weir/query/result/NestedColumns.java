package io.weir.query.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.complex.UnionVector;
import org.apache.arrow.vector.dictionary.Dictionary;

/** Writers of lists, arrays, structs, maps and unions. */
final class NestedColumns {

    private NestedColumns() {}

    /** The writer of a nested vector. @throws IllegalStateException for a vector nobody knows how to write */
    static TextColumn of(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof MapVector map) {
            return map(map, dictionaries);
        }
        if (vector instanceof ListVector list) {
            TextColumn item = JsonColumns.of(list.getDataVector(), dictionaries);
            return (out, row) -> list(out, item, list.getElementStartIndex(row), list.getElementEndIndex(row));
        }
        if (vector instanceof FixedSizeListVector array) {
            TextColumn item = JsonColumns.of(array.getDataVector(), dictionaries);
            int size = array.getListSize();
            return (out, row) -> list(out, item, row * size, (row + 1) * size);
        }
        if (vector instanceof StructVector struct) {
            return struct(struct, dictionaries);
        }
        if (vector instanceof UnionVector union) {
            return (out, row) -> JsonColumns.of((FieldVector) union.getVector(row), dictionaries)
                    .write(out, row);
        }
        throw new IllegalStateException("no JSON form for " + vector.getField());
    }

    private static void list(TextBytes out, TextColumn item, int from, int to) {
        out.raw('[');
        for (int i = from; i < to; i++) {
            if (i > from) {
                out.raw(',');
            }
            item.write(out, i);
        }
        out.raw(']');
    }

    private static TextColumn struct(StructVector struct, Map<Long, Dictionary> dictionaries) {
        List<FieldVector> children = struct.getChildrenFromFields();
        List<TextColumn> columns = new ArrayList<>();
        for (FieldVector child : children) {
            columns.add(JsonColumns.of(child, dictionaries));
        }
        return (out, row) -> {
            out.raw('{');
            for (int i = 0; i < columns.size(); i++) {
                if (i > 0) {
                    out.raw(',');
                }
                out.string(children.get(i).getName());
                out.raw(':');
                columns.get(i).write(out, row);
            }
            out.raw('}');
        };
    }

    private static TextColumn map(MapVector map, Map<Long, Dictionary> dictionaries) {
        StructVector entries = (StructVector) map.getDataVector();
        FieldVector keys = entries.getChildrenFromFields().get(0);
        TextColumn values = JsonColumns.of(entries.getChildrenFromFields().get(1), dictionaries);
        return (out, row) -> {
            out.raw('{');
            for (int i = map.getElementStartIndex(row); i < map.getElementEndIndex(row); i++) {
                if (i > map.getElementStartIndex(row)) {
                    out.raw(',');
                }
                out.string(String.valueOf(keys.getObject(i))); // a JSON key is a string, whatever the map's is
                out.raw(':');
                values.write(out, i);
            }
            out.raw('}');
        };
    }
}
