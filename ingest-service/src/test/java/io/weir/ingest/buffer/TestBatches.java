package io.weir.ingest.buffer;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.ColumnType;
import java.util.List;

/** Small batches for tests: tag {@code host}, field {@code n}. */
public final class TestBatches {

    private TestBatches() {}

    /** Rows of one host, one second apart from {@code firstMicros}, {@code n} counting from {@code firstValue}. */
    public static ColumnBatch rows(String measurement, String host, long firstMicros, long firstValue, int rows) {
        long[] times = new long[rows];
        long[] values = new long[rows];
        for (int i = 0; i < rows; i++) {
            times[i] = firstMicros + i * 1_000_000L;
            values[i] = firstValue + i;
        }
        SeriesTable series =
                new SeriesTable(1, List.of("host"), new int[][] {{0}}, new Utf8Dictionary[] {Utf8Dictionary.of(host)});
        return new ColumnBatch(
                measurement,
                rows,
                times,
                null,
                series,
                new int[rows],
                List.of(new LongColumn("n", ColumnType.INT64, values, null)));
    }
}
