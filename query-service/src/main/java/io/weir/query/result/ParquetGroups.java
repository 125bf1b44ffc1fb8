package io.weir.query.result;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.MapVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;

/** Writers of lists, arrays, structs and maps to a Parquet file, in the three levels of its logical types. */
final class ParquetGroups {

    private ParquetGroups() {}

    /** The writer of a nested vector. @throws IllegalStateException for a vector nobody knows how to write */
    static ParquetColumn of(
            FieldVector vector, String name, Repetition repetition, Map<Long, Dictionary> dictionaries) {
        if (vector instanceof MapVector map) {
            return map(map, name, repetition, dictionaries);
        }
        if (vector instanceof ListVector list) {
            ParquetColumn element = element(list.getDataVector(), dictionaries);
            return list(
                    vector,
                    name,
                    repetition,
                    element,
                    (out, row) -> items(
                            out,
                            List.of(element),
                            "list",
                            list.getElementStartIndex(row),
                            list.getElementEndIndex(row)));
        }
        if (vector instanceof FixedSizeListVector array) {
            ParquetColumn element = element(array.getDataVector(), dictionaries);
            int size = array.getListSize();
            return list(
                    vector,
                    name,
                    repetition,
                    element,
                    (out, row) -> items(out, List.of(element), "list", row * size, (row + 1) * size));
        }
        if (vector instanceof StructVector struct) {
            return struct(struct, name, repetition, dictionaries);
        }
        throw new IllegalStateException("no Parquet form for " + vector.getField());
    }

    private static ParquetColumn element(FieldVector vector, Map<Long, Dictionary> dictionaries) {
        return ParquetColumns.of(vector, "element", Repetition.OPTIONAL, dictionaries);
    }

    private static ParquetColumn list(
            FieldVector vector, String name, Repetition repetition, ParquetColumn element, ParquetColumn.Value value) {
        Type type = Types.buildGroup(repetition)
                .addField(Types.repeatedGroup().addField(element.type()).named("list"))
                .as(LogicalTypeAnnotation.listType())
                .named(name);
        return new ParquetColumn(type, vector::isNull, value);
    }

    private static ParquetColumn map(
            MapVector map, String name, Repetition repetition, Map<Long, Dictionary> dictionaries) {
        List<FieldVector> entry = ((StructVector) map.getDataVector()).getChildrenFromFields();
        ParquetColumn key = ParquetColumns.of(entry.get(0), "key", Repetition.REQUIRED, dictionaries);
        ParquetColumn value = ParquetColumns.of(entry.get(1), "value", Repetition.OPTIONAL, dictionaries);
        Type type = Types.buildGroup(repetition)
                .addField(Types.repeatedGroup()
                        .addField(key.type())
                        .addField(value.type())
                        .named("key_value"))
                .as(LogicalTypeAnnotation.mapType())
                .named(name);
        return new ParquetColumn(
                type,
                map::isNull,
                (out, row) -> items(
                        out,
                        List.of(key, value),
                        "key_value",
                        map.getElementStartIndex(row),
                        map.getElementEndIndex(row)));
    }

    private static void items(RecordConsumer out, List<ParquetColumn> columns, String name, int from, int to) {
        out.startGroup();
        if (to > from) {
            out.startField(name, 0);
            for (int i = from; i < to; i++) {
                group(out, columns, i);
            }
            out.endField(name, 0);
        }
        out.endGroup();
    }

    private static ParquetColumn struct(
            StructVector struct, String name, Repetition repetition, Map<Long, Dictionary> dictionaries) {
        List<ParquetColumn> columns = new ArrayList<>();
        Types.GroupBuilder<org.apache.parquet.schema.GroupType> type = Types.buildGroup(repetition);
        for (FieldVector child : struct.getChildrenFromFields()) {
            ParquetColumn column = ParquetColumns.of(child, child.getName(), Repetition.OPTIONAL, dictionaries);
            columns.add(column);
            type = type.addField(column.type());
        }
        return new ParquetColumn(type.named(name), struct::isNull, (out, row) -> group(out, columns, row));
    }

    private static void group(RecordConsumer out, List<ParquetColumn> columns, int row) {
        out.startGroup();
        for (int i = 0; i < columns.size(); i++) {
            columns.get(i).write(out, i, row);
        }
        out.endGroup();
    }
}
