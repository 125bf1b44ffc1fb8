package io.weir.ingest.buffer;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.hot.HotPart;
import io.weir.common.model.DatabaseId;
import io.weir.common.schema.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What merging small batches must keep: every row, every null, the order, and what a snapshot saw. */
class BufferPartTest {

    private static final List<String> TAGS = List.of("host", "region", "rack");
    private static final ColumnType[] TYPES = {
        ColumnType.FLOAT64, ColumnType.INT64, ColumnType.UINT64, ColumnType.BOOLEAN, ColumnType.STRING
    };

    private static BufferPart part() {
        return new BufferPart(new DatabaseId("default", "iot").table("m"), "flush", 1, 0);
    }

    @Test
    void rowsAreTheSameHoweverTheirBatchesAreMerged() { // LESSONS 17: sparse fields stay null
        long seed = Long.getLong("weir.buffer.seed", new Random().nextLong());
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 40; round++) {
            BufferPart part = part();
            List<String> expected = new ArrayList<>();
            List<HotPart> snapshots = new ArrayList<>();
            List<List<String>> seen = new ArrayList<>();
            for (int n = 1; n <= 120; n++) {
                ColumnBatch batch = batch(random, random.nextInt(6) == 0 ? 1 + random.nextInt(300) : 1);
                expected.addAll(rows(List.of(batch)));
                part.append(new BufferedBatch(batch, n, 1, () -> {}));
                if (random.nextInt(10) == 0) {
                    snapshots.add(part.hot());
                    seen.add(List.copyOf(expected));
                }
            }
            assertThat(rows(part.columnBatches())).as("seed " + seed).isEqualTo(expected);
            assertThat(part.rows()).isEqualTo(expected.size());
            assertThat(part.sizeBytes())
                    .isEqualTo(part.columnBatches().stream()
                            .mapToLong(ColumnBatch::sizeBytes)
                            .sum());
            for (int i = 0; i < snapshots.size(); i++) {
                assertThat(rows(snapshots.get(i).batches())).as("seed " + seed).isEqualTo(seen.get(i));
            }
        }
    }

    @Test
    void aRowOfABatchOfItsOwnCostsLittleMoreThanItsValues() { // REQUIREMENTS P4
        BufferPart part = part();
        for (int n = 1; n <= 600; n++) {
            part.append(new BufferedBatch(TestBatches.rows("m", "a", n * 1_000_000L, n, 1), n, 1, () -> {}));
        }
        assertThat(part.rows()).isEqualTo(600);
        assertThat(part.columnBatches().size()).isLessThan(20);
        assertThat(part.sizeBytes() / part.rows()).isLessThan(50); // 20 bytes of values
    }

    @Test
    void largeBatchesAreNeverCopied() {
        BufferPart part = part();
        List<ColumnBatch> batches = new ArrayList<>();
        for (int n = 1; n <= 40; n++) {
            batches.add(TestBatches.rows("m", "a", 0, n, 1_000));
            part.append(new BufferedBatch(batches.get(n - 1), n, 1, () -> {}));
        }
        assertThat(part.columnBatches()).containsExactlyElementsOf(batches);
    }

    /** Merged, a text of 3,000 bytes would be there once a row, and nobody would be charged for it. */
    @Test
    void batchesWithCodedStringsStayAsTheyAre() {
        BufferPart part = part();
        List<ColumnBatch> batches = new ArrayList<>();
        for (int n = 0; n < 40; n++) {
            batches.add(new ColumnBatch(
                    "m",
                    200,
                    new long[200],
                    null,
                    new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                    new int[200],
                    List.of(new StringColumn("s", Utf8Dictionary.of("x".repeat(3_000)), new int[200], null))));
            part.append(new BufferedBatch(batches.get(n), n + 1L, 1, () -> {}));
        }
        assertThat(part.columnBatches()).containsExactlyElementsOf(batches);
        assertThat(part.sizeBytes()).isLessThan(40 * 8_000);
    }

    @Test
    void onePartClaimsASegmentOnceAndGivesItUpWhenItEnds() {
        BufferPart part = part();
        AtomicInteger first = new AtomicInteger();
        AtomicInteger later = new AtomicInteger();
        part.append(new BufferedBatch(TestBatches.rows("m", "a", 0, 1, 1), 1, 7, first::incrementAndGet));
        part.append(new BufferedBatch(TestBatches.rows("m", "a", 0, 2, 1), 2, 7, later::incrementAndGet));
        part.append(new BufferedBatch(TestBatches.rows("m", "a", 0, 3, 1), 3, 8, first::incrementAndGet));
        assertThat(later).hasValue(1);
        assertThat(first).hasValue(0);
        part.finish();
        assertThat(first).hasValue(2);
        assertThat(later).hasValue(1);
    }

    /** Tags, fields and nanoseconds come and go by chance; column {@code f<i>} always has the same type. */
    private static ColumnBatch batch(Random random, int rows) {
        BatchBuilder builder = new BatchBuilder("m");
        for (int row = 0; row < rows; row++) {
            for (String name : TAGS) {
                if (random.nextInt(3) > 0) {
                    int tag = builder.series().tag(name);
                    byte[] value = ("v" + random.nextInt(4)).getBytes(StandardCharsets.UTF_8);
                    builder.series().stage(tag, builder.series().code(tag, value, 0, value.length));
                }
            }
            int first = random.nextInt(10);
            set(builder, first, random);
            for (int field = 0; field < 10; field++) {
                if (field != first && random.nextInt(4) == 0) {
                    set(builder, field, random);
                }
            }
            builder.endRow(
                    builder.series().intern(), random.nextInt(1_000_000), random.nextInt(5) == 0 ? 1 + row % 999 : 0);
        }
        return builder.build();
    }

    private static void set(BatchBuilder builder, int number, Random random) {
        ColumnType type = TYPES[number % TYPES.length];
        int field = builder.field("f" + number, type);
        switch (type) {
            case FLOAT64 -> builder.setDouble(field, random.nextInt(9) == 0 ? 0.0 : random.nextGaussian());
            case INT64, UINT64 -> builder.setLong(field, random.nextInt(9) == 0 ? 0 : random.nextLong());
            case BOOLEAN -> builder.setBoolean(field, random.nextBoolean());
            default -> {
                byte[] text = "é".repeat(random.nextInt(4)).getBytes(StandardCharsets.UTF_8);
                builder.setString(field, text, 0, text.length);
            }
        }
    }

    private static List<String> rows(List<ColumnBatch> batches) {
        List<String> rows = new ArrayList<>();
        for (ColumnBatch batch : batches) {
            for (int row = 0; row < batch.rows(); row++) {
                rows.add(row(batch, row));
            }
        }
        return rows;
    }

    private static String row(ColumnBatch batch, int row) {
        Map<String, String> cells = new TreeMap<>();
        SeriesTable series = batch.series();
        for (int tag = 0; tag < series.tagNames().size(); tag++) {
            int code = series.code(tag, batch.seriesOfRow()[row]);
            if (code != SeriesTable.ABSENT) {
                cells.put(series.tagNames().get(tag), series.dictionary(tag).get(code));
            }
        }
        for (FieldColumn field : batch.fields()) {
            if (!field.isNull(row)) {
                cells.put(field.name(), field.type() + " " + value(field, row));
            }
        }
        short[] nanos = batch.timeNanos();
        return batch.timeMicros()[row] + "." + (nanos == null ? 0 : nanos[row]) + " " + cells;
    }

    private static Object value(FieldColumn field, int row) {
        if (field instanceof LongColumn column) {
            return column.values()[row];
        }
        if (field instanceof DoubleColumn column) {
            return column.values()[row];
        }
        return field instanceof BooleanColumn column ? Bits.get(column.bits(), row) : ((StringColumn) field).get(row);
    }
}
