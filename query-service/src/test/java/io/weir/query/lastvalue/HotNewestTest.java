package io.weir.query.lastvalue;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotPart;
import io.weir.common.schema.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Newest rows of parts that grow, are merged at their ends, are sealed and go, against looking at all of them. */
class HotNewestTest {

    private static final int SERIES = 20;

    private static ColumnBatch batch(Random random, int rows) {
        BatchBuilder builder = new BatchBuilder("m");
        int host = builder.series().tag("host");
        for (int row = 0; row < rows; row++) {
            byte[] value = ("h" + random.nextInt(SERIES)).getBytes(StandardCharsets.UTF_8);
            builder.series().stage(host, builder.series().code(host, value, 0, value.length));
            builder.setLong(builder.field("n", ColumnType.INT64), random.nextLong());
            builder.endRow(builder.series().intern(), random.nextInt(1_000_000), 0);
        }
        return builder.build();
    }

    /** The latest time of each host. */
    private static TreeMap<String, Long> latest(List<ColumnBatch> batches) {
        TreeMap<String, Long> latest = new TreeMap<>();
        for (ColumnBatch batch : batches) {
            for (int row = 0; row < batch.rows(); row++) {
                int code = batch.series().code(0, batch.seriesOfRow()[row]);
                var values = batch.series().dictionary(0);
                String host = new String(
                        values.bytes(),
                        values.start(code),
                        values.end(code) - values.start(code),
                        StandardCharsets.UTF_8);
                latest.merge(host, batch.timeMicros()[row], Math::max);
            }
        }
        return latest;
    }

    @Test
    void whatIsRememberedIsWhatIsThere() {
        long seed = Long.getLong("weir.fuzz.seed", new Random().nextLong());
        System.out.println("HotNewestTest seed " + seed);
        Random random = new Random(seed);
        HotNewest hot = new HotNewest();
        TreeMap<Integer, List<ColumnBatch>> parts = new TreeMap<>();
        int nextPart = 0;
        parts.put(nextPart, new ArrayList<>());
        for (int step = 0; step < 400; step++) {
            List<ColumnBatch> open = parts.get(nextPart);
            switch (random.nextInt(8)) {
                case 0 -> parts.put(++nextPart, new ArrayList<>()); // sealed
                case 1 -> {
                    if (parts.size() > 1) {
                        parts.remove(parts.firstKey()); // in files
                    }
                }
                case 2 -> {
                    if (open.size() > 1) { // merged at the end
                        List<ColumnBatch> end = open.subList(open.size() - 2, open.size());
                        ColumnBatch merged = NewestRows.of(end);
                        end.clear();
                        open.add(merged);
                    }
                }
                default -> open.add(batch(random, random.nextBoolean() ? 1 + random.nextInt(9) : 1_000));
            }
            List<HotPart> now = new ArrayList<>();
            List<ColumnBatch> all = new ArrayList<>();
            parts.forEach((id, batches) -> {
                now.add(new HotPart("f" + id, batches));
                all.addAll(batches);
            });
            List<ColumnBatch> picked = hot.of(now);
            assertThat(latest(picked)).as("seed %d, step %d", seed, step).isEqualTo(latest(all));
            assertThat(picked.stream().mapToInt(ColumnBatch::rows).sum()).isLessThanOrEqualTo(SERIES * 3);
        }
        assertThat(hot.heldBytes()).isPositive();
        hot.of(List.of());
        assertThat(hot.heldBytes()).as("of parts that are gone").isZero();
    }
}
