package io.weir.storage.parquet;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.MeasurementSchema;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

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
    private final List<ColumnBatch> batches;
    private final long[] hours;
    private final long[] refs;
    private final int[] starts;

    private HourPartitions(
            MeasurementSchema schema, List<ColumnBatch> batches, long[] hours, long[] refs, int[] starts) {
        this.schema = schema;
        this.batches = batches;
        this.hours = hours;
        this.refs = refs;
        this.starts = starts;
    }

    /**
     * Cuts those batches by hour.
     *
     * @param schema columns of the measurement; must know every column of every batch with its type
     * @param batches batches of one measurement in the order they were written
     * @throws IllegalArgumentException when the batches hold 2^31 rows or more
     */
    public static HourPartitions of(MeasurementSchema schema, List<ColumnBatch> batches) {
        List<ColumnBatch> kept = List.copyOf(batches);
        long[] hours = touchedBy(kept);
        int[] starts = new int[hours.length + 1];
        long[] refs = RowRefs.all(kept);
        if (hours.length > 1) {
            refs = byHour(kept, refs, hours, starts);
        } else if (hours.length == 1) {
            starts[1] = refs.length;
        }
        return new HourPartitions(schema, kept, hours, refs, starts);
    }

    /** Number of partitions: 0 when there are no batches. */
    public int count() {
        return hours.length;
    }

    /** The hour of that partition. */
    public long hour(int partition) {
        return hours[partition];
    }

    /** Rows of that partition, at least 1. */
    public int rows(int partition) {
        return starts[partition + 1] - starts[partition];
    }

    /** The rows of that partition, merged and sorted: the expensive step, done anew by each call. */
    public SortedRows sorted(int partition) {
        return SortedRows.of(schema, batches, refs, starts[partition], starts[partition + 1]);
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

    /** The folder of an hour, {@code yyyy/mm/dd/hh} in UTC, without slashes at its ends. */
    public static String path(long hour) {
        OffsetDateTime time = Instant.ofEpochSecond(hour * 3600).atOffset(ZoneOffset.UTC);
        return String.format(
                Locale.ROOT,
                "%04d/%02d/%02d/%02d",
                time.getYear(),
                time.getMonthValue(),
                time.getDayOfMonth(),
                time.getHour());
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

    /** Stable counting sort of {@code refs} by hour; fills {@code starts}. */
    private static long[] byHour(List<ColumnBatch> batches, long[] refs, long[] hours, int[] starts) {
        int[] partitionOf = new int[refs.length];
        int i = 0;
        for (ColumnBatch batch : batches) {
            int last = 0;
            for (int row = 0; row < batch.rows(); row++) {
                long hour = hourOf(batch.timeMicros()[row]);
                if (hours[last] != hour) {
                    last = Arrays.binarySearch(hours, hour);
                }
                partitionOf[i++] = last;
                starts[last + 1]++;
            }
        }
        for (int p = 1; p < starts.length; p++) {
            starts[p] += starts[p - 1];
        }
        int[] next = starts.clone();
        long[] grouped = new long[refs.length];
        for (int r = 0; r < refs.length; r++) {
            grouped[next[partitionOf[r]]++] = refs[r];
        }
        return grouped;
    }
}
