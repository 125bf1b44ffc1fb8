package io.weir.storage.parquet.merging;

import io.weir.common.schema.MeasurementSchema;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * What is to be merged.
 *
 * @param measurement its name
 * @param schema its columns, all that the inputs have
 * @param inputs files, at least one, in the order their rows arrived
 * @param duplicates what becomes of rows of one series and time
 * @param memoryBytes most heap of loaded row groups
 * @param output file to be written, a temporary name in an existing directory
 * @param metadata entries of the output's footer
 * @param progress hears how many rows are written so far, now and then
 */
public record MergeJob(
        String measurement,
        MeasurementSchema schema,
        List<MergeInput> inputs,
        Duplicates duplicates,
        long memoryBytes,
        Path output,
        Map<String, String> metadata,
        LongConsumer progress) {

    public MergeJob {
        inputs = List.copyOf(inputs);
        metadata = Map.copyOf(metadata);
    }
}
