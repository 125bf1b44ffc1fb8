package io.weir.storage.parquet.merging;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.SeriesTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row group of an input, decoded. Its rows are cut into segments: neighbours of one series.
 *
 * <pre>
 *   segmentStart   0      60     120  180    the last is the number of rows
 *   numbers[tag]   4      5      5           by segment, in the merge's {@link TagValues}; 0 where the tag is absent
 * </pre>
 */
final class LoadedGroup {

    private final ColumnBatch batch;
    private final int[] segmentStart;
    private final int[][] numbers;
    private final int[] positions;
    private final long bytes;
    /** Number among the batches of the chunk that is being filled, or -1. */
    private int chunkIndex = -1;

    /**
     * @param segmentStart first rows of segments, and at the end the number of rows
     * @param positions per tag of the schema, its place among the tags of the batch, or -1
     * @param bytes what it holds in memory, at most
     */
    LoadedGroup(ColumnBatch batch, int[] segmentStart, int[] positions, long bytes) {
        this.batch = batch;
        this.segmentStart = segmentStart;
        this.positions = positions;
        this.numbers = new int[positions.length][];
        this.bytes = bytes;
    }

    /** Numbers the values of its tags. @throws IllegalArgumentException when they are not in order */
    void number(List<TagValues> tags) {
        SeriesTable table = batch.series();
        for (int tag = 0; tag < numbers.length; tag++) {
            int[] ofSegments = new int[segments()];
            if (positions[tag] >= 0) {
                int[] ofCodes = tags.get(tag).take(table.dictionary(positions[tag]));
                int[] codes = table.codes(positions[tag]);
                for (int segment = 0; segment < ofSegments.length; segment++) {
                    ofSegments[segment] = codes[segment] == SeriesTable.ABSENT ? 0 : ofCodes[codes[segment]];
                }
            }
            numbers[tag] = ofSegments;
        }
        for (int segment = 1; segment < segments(); segment++) {
            if (compareSeries(this, segment - 1, this, segment, tags) >= 0) {
                throw new IllegalArgumentException("series are not in order (expected: sorted by tags)");
            }
        }
    }

    /** Whether its last row comes before the first one of that group, or is like it. */
    boolean isBefore(LoadedGroup next, List<TagValues> tags) {
        int bySeries = compareSeries(this, segments() - 1, next, 0, tags);
        return bySeries < 0 || (bySeries == 0 && times()[batch.rows() - 1] <= next.times()[0]);
    }

    /** Compares the series of two segments. */
    static int compareSeries(LoadedGroup a, int segmentA, LoadedGroup b, int segmentB, List<TagValues> tags) {
        for (int tag = 0; tag < a.numbers.length; tag++) {
            int numberA = a.numbers[tag][segmentA];
            int numberB = b.numbers[tag][segmentB];
            if (numberA != numberB) {
                int[] ranks = tags.get(tag).ranks();
                return ranks[numberA] - ranks[numberB];
            }
        }
        return 0;
    }

    ColumnBatch batch() {
        return batch;
    }

    int segments() {
        return segmentStart.length - 1;
    }

    int segmentStart(int segment) {
        return segmentStart[segment];
    }

    int number(int tag, int segment) {
        return numbers[tag][segment];
    }

    long[] times() {
        return batch.timeMicros();
    }

    short @Nullable [] nanos() {
        return batch.timeNanos();
    }

    long bytes() {
        return bytes;
    }

    int chunkIndex() {
        return chunkIndex;
    }

    void chunkIndex(int index) {
        chunkIndex = index;
    }
}
