package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.model.Names;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.SchemaLookup;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gives a decoded batch what the topic says: tags that all of its rows have, and perhaps another measurement. */
final class TaggedBatch {

    private TaggedBatch() {}

    /**
     * The batch with the tags and the measurement of {@code target}; shares its arrays.
     *
     * @throws RejectedMessage when a tag is one of its columns already
     */
    static ColumnBatch of(ColumnBatch batch, MessageTarget target, SchemaLookup schemas) {
        String measurement = target.measurement() == null ? batch.measurement() : target.measurement();
        if (target.tags().isEmpty() && measurement.equals(batch.measurement())) {
            return batch;
        }
        MeasurementSchema schema = schemas.find(measurement);
        return new ColumnBatch(
                measurement,
                batch.rows(),
                batch.timeMicros(),
                batch.timeNanos(),
                series(batch, target.tags(), schema == null ? MeasurementSchema.empty() : schema),
                batch.seriesOfRow(),
                batch.fields());
    }

    private static SeriesTable series(ColumnBatch batch, Map<String, String> tags, MeasurementSchema schema) {
        SeriesTable table = batch.series();
        int before = table.tagNames().size();
        List<String> names = new ArrayList<>(table.tagNames());
        int[][] codes = new int[before + tags.size()][];
        Utf8Dictionary[] dictionaries = new Utf8Dictionary[before + tags.size()];
        for (int tag = 0; tag < before; tag++) {
            codes[tag] = table.codes(tag);
            dictionaries[tag] = table.dictionary(tag);
        }
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            requireFree(tag.getKey(), batch, schema);
            codes[names.size()] = new int[table.size()];
            dictionaries[names.size()] = Utf8Dictionary.of(tag.getValue());
            names.add(tag.getKey());
        }
        return new SeriesTable(table.size(), names, codes, dictionaries);
    }

    private static void requireFree(String tag, ColumnBatch batch, MeasurementSchema schema) {
        Column stored = schema.find(tag);
        boolean taken = batch.series().tagNames().contains(tag)
                || batch.fields().stream().map(FieldColumn::name).anyMatch(tag::equals)
                || (stored != null && stored.type() != ColumnType.TAG);
        if (taken) {
            throw new RejectedMessage(
                    "tag \"" + Names.printable(tag)
                            + "\" of the topic or the settings is a column of the rows already (expected: a tag of another name)");
        }
    }
}
