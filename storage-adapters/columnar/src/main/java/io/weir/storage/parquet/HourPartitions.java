package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows of batches of one measurement, cut by UTC hour: one data file holds rows of one hour. Partitions are numbered
 * from 0 in ascending order of time; none is empty. Immutable and thread-safe; keeps the batches reachable.
 *
 * <p>An hour is named by its number: {@code floorDiv(timeMicros, 3_600_000_000)}, negative before 1970.
 */
public final class HourPartitions {

    /** Microseconds of an hour. */
    public static final long MICROS_PER_HOUR = 3_600_000_000L;

    private final MeasurementSchema schema;
    private final long[] hours;
    private final List<List<BatchRows>> partitions;

    private HourPartitions(MeasurementSchema schema, long[] hours, List<List<BatchRows>> partitions) {
        this.schema = schema;
        this.hours = hours;
        this.partitions = partitions;
    }

    /**
     * Cuts those batches by hour.
     *
     * @param schema columns of the measurement; must know every column of every batch with its type
     * @param batches batches of one measurement in the order they were written
     */
    public static HourPartitions of(MeasurementSchema schema, List<ColumnBatch> batches) {
        long[] hours = touchedBy(batches);
        List<List<BatchRows>> partitions = new ArrayList<>();
        for (int i = 0; i < hours.length; i++) {
            partitions.add(new ArrayList<>());
        }
        for (ColumnBatch batch : batches) {
            cut(batch, hours, partitions);
        }
        return new HourPartitions(schema, hours, partitions);
    }

    /** Number of partitions: 0 when there are no batches. */
    public int count() {
        return hours.length;
    }

    /** The hour of that partition. */
    public long hour(int partition) {
        return hours[partition];
    }

    /** The rows of that partition, at least one, merged and sorted: the expensive step, done anew by each call. */
    public SortedRows sorted(int partition) {
        return SortedRows.of(schema, partitions.get(partition));
    }

    /** The hours that rows of those batches lie in, ascending, each once. */
    public static long[] touchedBy(List<ColumnBatch> batches) {
        long[] hours = new long[16];
        int count = 0;
        for (ColumnBatch batch : batches) {
            boolean single = hourOf(batch.minTimeMicros()) == hourOf(batch.maxTimeMicros());
            int rows = single ? 1 : batch.rows();
            for (int row = 0; row < rows; row++) {
                long hour = hourOf(batch.timeMicros()[row]);
                if (count == 0 || hours[count - 1] != hour) {
                    if (count == hours.length) {
                        count = distinct(hours, count);
                        hours = count > hours.length / 2 ? Arrays.copyOf(hours, hours.length * 2) : hours;
                    }
                    hours[count++] = hour;
                }
            }
        }
        return Arrays.copyOf(hours, distinct(hours, count));
    }

    /** The hour of a time in UTC microseconds. */
    public static long hourOf(long timeMicros) {
        return Math.floorDiv(timeMicros, MICROS_PER_HOUR);
    }

    /** Sorts the first {@code count} numbers and removes repeated ones. Returns how many stay. */
    private static int distinct(long[] numbers, int count) {
        Arrays.sort(numbers, 0, count);
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (kept == 0 || numbers[kept - 1] != numbers[i]) {
                numbers[kept++] = numbers[i];
            }
        }
        return kept;
    }

    /** Adds the rows of a batch to the partitions of their hours. */
    private static void cut(ColumnBatch batch, long[] hours, List<List<BatchRows>> partitions) {
        int first = Arrays.binarySearch(hours, hourOf(batch.minTimeMicros()));
        int last = Arrays.binarySearch(hours, hourOf(batch.maxTimeMicros()));
        if (first == last) {
            partitions.get(first).add(BatchRows.all(batch));
            return;
        }
        int[] partitionOf = new int[batch.rows()];
        int[] counts = new int[last - first + 1];
        int partition = first;
        for (int row = 0; row < partitionOf.length; row++) {
            long hour = hourOf(batch.timeMicros()[row]);
            if (hours[partition] != hour) {
                partition = Arrays.binarySearch(hours, hour);
            }
            partitionOf[row] = partition;
            counts[partition - first]++;
        }
        int[][] rows = new int[counts.length][];
        Arrays.setAll(rows, i -> new int[counts[i]]);
        int[] next = new int[counts.length];
        for (int row = 0; row < partitionOf.length; row++) {
            int i = partitionOf[row] - first;
            rows[i][next[i]++] = row;
        }
        for (int i = 0; i < rows.length; i++) {
            if (counts[i] > 0) {
                partitions.get(first + i).add(BatchRows.of(batch, rows[i], counts[i]));
            }
        }
    }
}
