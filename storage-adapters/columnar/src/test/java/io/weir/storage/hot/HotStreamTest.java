package io.weir.storage.hot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotScope;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.storage.parquet.BatchCells;
import io.weir.storage.parquet.Point;
import io.weir.storage.parquet.RandomPoints;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.junit.jupiter.api.Test;

/** Hot rows there and back. Issue 5 item 6; LESSONS 20; invariants 2, 3, 7. */
class HotStreamTest {

    private static final int ROUNDS = 60;

    private static byte[] written(List<HotPart> parts, HotScope scope) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new HotStreamWriter(parts, scope).forEachRemaining(out::writeBytes);
        return out.toByteArray();
    }

    private static List<HotPart> read(byte[] bytes, int streams, Random random) throws IOException {
        HotStreamReader reader = new HotStreamReader(more -> {});
        for (int at = 0; at < bytes.length; ) {
            int end = Math.min(bytes.length, at + 1 + random.nextInt(5_000));
            reader.feed(Arrays.copyOfRange(bytes, at, end));
            at = end;
        }
        return reader.finish(streams);
    }

    /** Rows of each part that are in the range, with the cells the scope may mean. */
    private static Map<String, List<List<Object>>> rows(List<HotPart> parts, HotScope scope) {
        Map<String, List<List<Object>>> rows = new TreeMap<>();
        for (HotPart part : parts) {
            for (ColumnBatch batch : part.batches()) {
                for (List<Object> row : BatchCells.rows(batch)) {
                    long time = (long) row.get(0);
                    if (time >= scope.times().fromMicros()
                            && time <= scope.times().toMicros()) {
                        Map<?, ?> cells = new TreeMap<>((Map<?, ?>) row.get(2));
                        cells.keySet().removeIf(name -> !scope.mayMean(name.toString()));
                        rows.computeIfAbsent(part.flushId(), id -> new ArrayList<>())
                                .add(List.of(time, row.get(1), cells));
                    }
                }
            }
        }
        return rows;
    }

    private static List<HotPart> parts(List<ColumnBatch> batches, Random random) {
        List<HotPart> parts = new ArrayList<>();
        for (int from = 0; from < batches.size(); ) {
            int to = Math.min(batches.size(), from + 1 + random.nextInt(6));
            parts.add(new HotPart("f" + parts.size(), batches.subList(from, to)));
            from = to;
        }
        return parts;
    }

    @Test
    void rowsOfEveryKindAreReadAsTheyWereWithinAnyScope() throws IOException {
        long seed = Long.getLong("weir.hot.seed", System.nanoTime());
        System.out.println("hot rows seed " + seed + " (repeat it with -Dweir.hot.seed)");
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            RandomPoints source = new RandomPoints(random.nextLong());
            List<Point> points = source.points(1 + random.nextInt(600));
            List<HotPart> parts = parts(source.batches(points), random);
            for (HotScope scope : scopes(points, source, random)) {
                int streams = new HotStreamWriter(parts, scope).streams();
                List<HotPart> back = read(written(parts, scope), streams, random);
                assertThat(rows(back, scope))
                        .as("round %d of seed %d", round, seed)
                        .isEqualTo(rows(parts, scope));
                assertThat(rows(back, HotScope.ALL)).as("nothing else travels").isEqualTo(rows(back, scope));
            }
        }
    }

    private static List<HotScope> scopes(List<Point> points, RandomPoints source, Random random) {
        long some = points.get(random.nextInt(points.size())).timeMicros();
        String name = source.schema()
                .columns()
                .get(random.nextInt(source.schema().columns().size()))
                .name()
                .toLowerCase(Locale.ROOT);
        TimeRange half = new TimeRange(some, Long.MAX_VALUE);
        return List.of(
                HotScope.ALL,
                new HotScope(TimeRange.ALL, Set.of()),
                new HotScope(TimeRange.ALL, Set.of(name)),
                new HotScope(half, null),
                new HotScope(new TimeRange(Long.MIN_VALUE, some), Set.of(name)),
                new HotScope(new TimeRange(1, 0), null));
    }

    @Test
    void aLargeBatchTravelsInPiecesAndIsReadByAnyArrowReader() throws IOException {
        RandomPoints source = new RandomPoints(7);
        List<ColumnBatch> batches = source.batches(source.points(20_000));
        HotPart part = new HotPart("flush", List.of(merged(batches)));
        HotStreamWriter writer = new HotStreamWriter(List.of(part), HotScope.ALL);
        int largest = 0;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int messages = 0;
        while (writer.hasNext()) {
            byte[] message = writer.next();
            largest = Math.max(largest, message.length);
            messages++;
            out.writeBytes(message);
        }
        assertThat(messages).isGreaterThan(4);
        assertThat(largest).isLessThan(2 << 20);
        long rows = 0;
        try (BufferAllocator allocator = new RootAllocator();
                ArrowStreamReader reader =
                        new ArrowStreamReader(new ByteArrayInputStream(out.toByteArray()), allocator)) {
            assertThat(reader.getVectorSchemaRoot().getSchema().getCustomMetadata())
                    .containsEntry("weir.flush_id", "flush");
            while (reader.loadNextBatch()) {
                rows += reader.getVectorSchemaRoot().getRowCount();
            }
        }
        assertThat(rows).isEqualTo(part.rows());
        assertThat(rows(read(out.toByteArray(), 1, new Random(1)), HotScope.ALL))
                .isEqualTo(rows(List.of(part), HotScope.ALL));
    }

    /** The longest of them, as often as it takes to pass a megabyte: the widest is not needed, only a large one. */
    private static ColumnBatch merged(List<ColumnBatch> batches) {
        ColumnBatch first = batches.stream()
                .max(java.util.Comparator.comparingInt(ColumnBatch::rows))
                .orElseThrow();
        int rows = 40_000;
        long[] times = new long[rows];
        int[] series = new int[rows];
        double[] values = new double[rows];
        for (int i = 0; i < rows; i++) {
            times[i] = first.timeMicros()[i % first.rows()];
            series[i] = first.seriesOfRow()[i % first.rows()];
            values[i] = i / 3.0;
        }
        return new ColumnBatch(
                "m",
                rows,
                times,
                null,
                first.series(),
                series,
                List.of(new io.weir.common.batch.DoubleColumn("double v", values, null)));
    }

    @Test
    void ofADictionaryThatIsLargerThanTheBatchOnlyWhatRowsHaveTravels() throws IOException {
        String[] words = new String[50_000];
        Arrays.setAll(words, i -> "word " + i);
        SeriesTable series =
                new SeriesTable(3, List.of("t"), new int[][] {{49_999, SeriesTable.ABSENT, 7}}, new Utf8Dictionary[] {
                    Utf8Dictionary.of(words)
                });
        ColumnBatch batch =
                new ColumnBatch("m", 4, new long[] {1, 2, 3, 4}, null, series, new int[] {0, 1, 2, 0}, List.of());
        List<HotPart> parts = List.of(new HotPart("f", List.of(batch)));
        byte[] bytes = written(parts, HotScope.ALL);
        assertThat(bytes.length).isLessThan(2_000);
        assertThat(rows(read(bytes, 1, new Random(1)), HotScope.ALL)).isEqualTo(rows(parts, HotScope.ALL));
    }

    @Test
    void whatWasCutOffIsNeverTakenForLess() {
        RandomPoints source = new RandomPoints(3);
        List<HotPart> parts = parts(source.batches(source.points(200)), new Random(3));
        byte[] whole = written(parts, HotScope.ALL);
        int streams = new HotStreamWriter(parts, HotScope.ALL).streams();
        assertThat(streams).isGreaterThan(1);
        for (int length = 0; length < whole.length; length++) {
            HotStreamReader reader = new HotStreamReader(more -> {});
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> {
                        reader.feed(cut);
                        reader.finish(streams);
                    })
                    .as("cut at %d of %d", length, whole.length)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void whateverArrivesIsReadOrRefused() {
        long seed = Long.getLong("weir.hot.seed", System.nanoTime());
        System.out.println("hot rows seed " + seed + " (repeat it with -Dweir.hot.seed)");
        Random random = new Random(seed);
        RandomPoints source = new RandomPoints(5);
        List<HotPart> parts = parts(source.batches(source.points(100)), random);
        byte[] whole = written(parts, HotScope.ALL);
        int refused = 0;
        for (int round = 0; round < 3_000; round++) {
            byte[] damaged = whole.clone();
            for (int i = 0; i <= random.nextInt(3); i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            AtomicLong taken = new AtomicLong();
            try {
                HotStreamReader reader = new HotStreamReader(more -> {
                    if (taken.addAndGet(more) > 64 << 20) {
                        throw new WeirException(CommonError.OVERLOADED, "too much");
                    }
                });
                reader.feed(damaged);
                reader.finish(new HotStreamWriter(parts, HotScope.ALL).streams());
            } catch (IOException | WeirException expected) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void memoryIsToldBeforeItIsTakenAndMayBeRefused() throws IOException { // invariant 3
        HotPart part =
                new HotPart("flush", List.of(merged(new RandomPoints(7).batches(new RandomPoints(7).points(500)))));
        byte[] whole = written(List.of(part), HotScope.ALL);
        AtomicLong told = new AtomicLong();
        HotStreamReader reader = new HotStreamReader(told::addAndGet);
        reader.feed(whole);
        long held = reader.finish(1).get(0).batches().stream()
                .mapToLong(batch -> 12L * batch.rows() + 8L * batch.rows())
                .sum();
        assertThat(told.get()).isBetween(held, 4 * held);
        MemoryBudget budget = MemoryBudget.root("hot rows", told.get() / 2);
        try (Reservation reservation = budget.reserve(0)) {
            HotStreamReader refused = new HotStreamReader(reservation::grow);
            assertThatThrownBy(() -> refused.feed(whole))
                    .isInstanceOfSatisfying(
                            WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.OVERLOADED));
            assertThat(budget.usedBytes()).isLessThanOrEqualTo(budget.limitBytes());
        }
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void requestsAreReadAsTheyWereAndOthersAreRefused() {
        TableId table = new TableId("org", "d b", "m \"ü\"");
        for (HotScope scope : List.of(HotScope.ALL, new HotScope(new TimeRange(-5, 7), Set.of("a", "ä\"")))) {
            HotRequest request = new HotRequest(table, scope);
            assertThat(HotRequest.of(request.toJson())).isEqualTo(request);
        }
        for (String wrong : List.of(
                "",
                "x",
                "[]",
                "{}",
                "{\"organisation\":\"o\",\"database\":\"d\",\"measurement\":3,\"from\":1,\"to\":2}",
                "{\"organisation\":\"o\",\"database\":\"d\",\"measurement\":\"m\",\"from\":1.5,\"to\":2}",
                "{\"organisation\":\"o\",\"database\":\"d\",\"measurement\":\"m\",\"from\":1,\"to\":2,\"columns\":\"v\"}",
                "{\"organisation\":\"o\",\"database\":\"d\",\"measurement\":\"m\",\"from\":1,\"to\":2,\"columns\":[1]}")) {
            assertThatThrownBy(() -> HotRequest.of(wrong.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                    .as(wrong)
                    .isInstanceOfSatisfying(
                            WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.INVALID_REQUEST));
        }
    }
}
