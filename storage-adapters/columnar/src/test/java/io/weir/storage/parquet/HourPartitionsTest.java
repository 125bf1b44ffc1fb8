package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HourPartitionsTest {

    private static final long HOUR = HourPartitions.MICROS_PER_HOUR;
    private static final List<Column> COLUMNS =
            List.of(new Column("host", ColumnType.TAG), new Column("v", ColumnType.INT64));
    private static final MeasurementSchema SCHEMA = MeasurementSchema.of(COLUMNS, false);

    @Test
    void hoursStartAtTheirFirstMicrosecondBefore1970Too() {
        assertThat(HourPartitions.hourOf(0)).isZero();
        assertThat(HourPartitions.hourOf(HOUR - 1)).isZero();
        assertThat(HourPartitions.hourOf(HOUR)).isEqualTo(1);
        assertThat(HourPartitions.hourOf(-1)).isEqualTo(-1);
        assertThat(HourPartitions.hourOf(-HOUR)).isEqualTo(-1);
        assertThat(HourPartitions.hourOf(-HOUR - 1)).isEqualTo(-2);
        assertThat(HourPartitions.hourOf(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE / HOUR - 1);
    }

    @Test
    void noBatchesTouchNoHour() {
        assertThat(HourPartitions.touchedBy(List.of())).isEmpty();
        assertThat(HourPartitions.of(SCHEMA, List.of()).count()).isZero();
    }

    // LESSONS 13: rows of several partitions are all somewhere, each in its own hour
    @Test
    void everyRowIsInExactlyThePartitionOfItsHour() {
        long seed = System.nanoTime();
        System.out.println("HourPartitionsTest seed " + seed);
        Random random = new Random(seed);
        TreeMap<Long, List<Long>> expected = new TreeMap<>();
        List<ColumnBatch> batches = new ArrayList<>();
        for (int batch = 0; batch < 40; batch++) {
            List<Point> points = new ArrayList<>();
            long spread = random.nextBoolean() ? HOUR / 2 : HOUR * 30;
            for (int row = 0; row < 50; row++) {
                long time = random.nextLong(-spread, spread);
                points.add(Point.at(time, "host", "h" + random.nextInt(3), "v", (long) row));
                expected.computeIfAbsent(Math.floorDiv(time, HOUR), hour -> new ArrayList<>())
                        .add(time);
            }
            batches.add(PointBatches.of(COLUMNS, points));
        }

        HourPartitions partitions = HourPartitions.of(SCHEMA, batches);

        assertThat(HourPartitions.touchedBy(batches))
                .containsExactly(
                        expected.keySet().stream().mapToLong(Long::longValue).toArray());
        assertThat(partitions.count()).isEqualTo(expected.size());
        int partition = 0;
        for (List<Long> times : expected.values()) {
            SortedRows rows = partitions.sorted(partition);
            assertThat(rows.rows()).isEqualTo(times.size());
            assertThat(rows.times())
                    .containsExactlyInAnyOrder(
                            times.stream().mapToLong(Long::longValue).toArray());
            assertThat(HourPartitions.hourOf(rows.minTimeMicros())).isEqualTo(partitions.hour(partition));
            assertThat(HourPartitions.hourOf(rows.maxTimeMicros())).isEqualTo(partitions.hour(partition));
            long hour = partitions.hour(partition);
            SortedRows ranged = SortedRows.between(SCHEMA, batches, hour * HOUR, hour * HOUR + HOUR);
            assertThat(ranged.times()).isEqualTo(rows.times());
            partition++;
        }
    }
}
