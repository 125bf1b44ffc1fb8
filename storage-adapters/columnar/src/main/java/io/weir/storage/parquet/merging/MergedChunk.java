package io.weir.storage.parquet.merging;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.parquet.SortedRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The next rows of a merge's output, as references to rows of loaded row groups: runs are copied, fields stay where they are
 * until they are encoded. Not thread-safe.
 *
 * <pre>
 *   pieces   group 0 segment 3 | group 2 segment 1 | group 0 segment 4      neighbours of one series
 *   rows     0 … 59            | 60 … 119          | 120 … 131
 * </pre>
 */
final class MergedChunk {

    private final MeasurementSchema schema;
    private final MergedSeries series;
    private final List<ColumnBatch> batches = new ArrayList<>();
    /** The group of each batch; null for rows that were put together here. */
    private final List<@Nullable LoadedGroup> groups = new ArrayList<>();

    private final boolean hasNanos;
    private final long[] times;
    private final short[] nanos;
    private final long[] refs;
    private int rows;
    private @Nullable LoadedGroup lastGroup;
    private int lastSegment;

    /** @param capacity most rows */
    MergedChunk(MeasurementSchema schema, MergedSeries series, boolean hasNanos, int capacity) {
        this.schema = schema;
        this.series = series;
        this.hasNanos = hasNanos;
        this.times = new long[capacity];
        this.nanos = new short[hasNanos ? capacity : 0];
        this.refs = new long[capacity];
    }

    int rows() {
        return rows;
    }

    int room() {
        return times.length - rows;
    }

    /** Memory of the groups its rows are in. */
    long heldBytes() {
        long bytes = 0;
        for (LoadedGroup group : groups) {
            bytes += group == null ? 0 : group.bytes();
        }
        return bytes;
    }

    /** Appends rows {@code [from, to)} of that segment; there is room for them. */
    void append(LoadedGroup group, int segment, int from, int to) {
        if (group.chunkIndex() < 0) {
            group.chunkIndex(batches.size());
            batches.add(group.batch());
            groups.add(group);
        }
        if (group != lastGroup || segment != lastSegment) {
            series.append(group, segment, rows);
            lastGroup = group;
            lastSegment = segment;
        }
        int count = to - from;
        System.arraycopy(group.times(), from, times, rows, count);
        if (hasNanos) {
            short[] those = group.nanos();
            if (those == null) {
                Arrays.fill(nanos, rows, rows + count, (short) 0);
            } else {
                System.arraycopy(those, from, nanos, rows, count);
            }
        }
        long first = SortedRows.ref(group.chunkIndex(), from);
        for (int i = 0; i < count; i++) {
            refs[rows + i] = first + i;
        }
        rows += count;
    }

    /** Leaves one row of those of one series and time. */
    void collapse(LastWins lastWins) {
        int kept = 0;
        series.beginRewrite();
        lastWins.begin(batches);
        for (int row = 0; row < rows; ) {
            int end = row + 1;
            while (end < rows && isSameMoment(row, end) && series.isSame(row, end)) {
                end++;
            }
            series.rewrite(row, kept);
            times[kept] = times[row];
            if (hasNanos) {
                nanos[kept] = nanos[row];
            }
            refs[kept] = end == row + 1 ? refs[row] : lastWins.merge(refs, row, end);
            kept++;
            row = end;
        }
        series.endRewrite();
        rows = kept;
        ColumnBatch together = lastWins.end();
        if (together != null) {
            batches.add(together);
            groups.add(null);
        }
        forgetUnused();
    }

    private boolean isSameMoment(int a, int b) {
        return times[a] == times[b] && (!hasNanos || nanos[a] == nanos[b]);
    }

    /** The first {@code count} rows, at least one; the others move up. */
    SortedRows take(int count) {
        MergedSeries.Taken taken = series.take(count, rows);
        SortedRows sorted = SortedRows.merged(
                schema,
                List.copyOf(batches),
                taken.table(),
                taken.starts(),
                Arrays.copyOf(times, count),
                hasNanos ? Arrays.copyOf(nanos, count) : null,
                Arrays.copyOf(refs, count));
        rows -= count;
        System.arraycopy(times, count, times, 0, rows);
        System.arraycopy(refs, count, refs, 0, rows);
        if (hasNanos) {
            System.arraycopy(nanos, count, nanos, 0, rows);
        }
        forgetUnused();
        return sorted;
    }

    /** Lets go of batches that no row is in, and begins a new piece with the next row. */
    private void forgetUnused() {
        lastGroup = null;
        int[] placeOf = new int[batches.size()];
        for (int row = 0; row < rows; row++) {
            placeOf[(int) (refs[row] >>> Integer.SIZE)] = 1;
        }
        int kept = 0;
        for (int batch = 0; batch < placeOf.length; batch++) {
            LoadedGroup group = groups.get(batch);
            boolean used = placeOf[batch] != 0;
            if (group != null) {
                group.chunkIndex(used ? kept : -1);
            }
            if (used) {
                batches.set(kept, batches.get(batch));
                groups.set(kept, group);
                placeOf[batch] = kept++;
            }
        }
        batches.subList(kept, batches.size()).clear();
        groups.subList(kept, groups.size()).clear();
        for (int row = 0; row < rows; row++) {
            refs[row] = SortedRows.ref(placeOf[(int) (refs[row] >>> Integer.SIZE)], (int) refs[row]);
        }
    }
}
