package io.weir.ingest.compaction.run;

import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.Partition;
import io.weir.storage.parquet.merging.Duplicates;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * One merge to be made.
 *
 * @param id 32 hexadecimal digits, unique; names the output and the change
 * @param partition where the files are
 * @param schema columns of the measurement
 * @param inputs files in order of arrival, at least one
 * @param left rows of each input, by their numbers in it, that are not to be in the output; empty for none of any
 * @param deletes deletes that apply to the inputs and leave those rows out
 * @param duplicates what becomes of rows of one series and time
 * @param memoryBytes heap for row groups
 * @param lease what must still be held when the output is committed
 * @param progress hears how many rows are written so far
 */
public record MergeRequest(
        String id,
        Partition partition,
        MeasurementSchema schema,
        List<DataFile> inputs,
        List<BitSet> left,
        Set<String> deletes,
        Duplicates duplicates,
        long memoryBytes,
        Lease lease,
        LongConsumer progress) {

    public MergeRequest {
        inputs = List.copyOf(inputs);
        left = List.copyOf(left);
        deletes = Set.copyOf(deletes);
    }

    /** A merge of all rows. */
    public MergeRequest(
            String id,
            Partition partition,
            MeasurementSchema schema,
            List<DataFile> inputs,
            Duplicates duplicates,
            long memoryBytes,
            Lease lease,
            LongConsumer progress) {
        this(id, partition, schema, inputs, List.of(), Set.of(), duplicates, memoryBytes, lease, progress);
    }
}
