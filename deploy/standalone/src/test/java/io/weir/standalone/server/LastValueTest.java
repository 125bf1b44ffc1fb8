package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.ColumnType;
import io.weir.query.lastvalue.LastValueMetrics;
import io.weir.query.lastvalue.LastValueProperties;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

/** What makes newest rows be kept, forgotten and left out, and the figures that tell. LESSONS 47. */
class LastValueTest {

    private static final String LAST = "SELECT host, arg_max(n, time) AS n FROM m GROUP BY host ORDER BY host";

    @TempDir
    Path directory;

    private static ColumnBatch batch(long time) {
        BatchBuilder builder = new BatchBuilder("m");
        int host = builder.series().tag("host");
        for (String name : new String[] {"a", "b"}) {
            byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
            builder.series().stage(host, builder.series().code(host, utf8, 0, 1));
            builder.setLong(builder.field("n", ColumnType.INT64), time);
            builder.endRow(builder.series().intern(), time, 0);
        }
        return builder.build();
    }

    private static String rows(long a) {
        return "{\"host\":\"a\",\"n\":" + a + "}\n{\"host\":\"b\",\"n\":" + a + "}\n";
    }

    private LastValueHouse house(DataSize memory, Duration idle, DataSize rebuild) {
        return new LastValueHouse(directory.resolve("house"), new LastValueProperties(true, memory, idle, rebuild));
    }

    private static double value(LastValueHouse house, String name, String... tags) {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new LastValueMetrics(house.store(), house.values()).bindTo(registry);
        var meter = registry.get("weir.last.values." + name).tags(tags).meter();
        return meter.measure().iterator().next().getValue();
    }

    @Test
    void theFirstStatementReadsAllRowsAndLaterOnesKeptOnes() {
        try (LastValueHouse house = new LastValueHouse(directory.resolve("house"), LastValueHouse.ROOMY)) {
            house.write(batch(1));
            house.flush();
            house.write(batch(2));
            assertThat(value(house, "measurements")).isZero();
            assertThat(house.keeping(LAST)).isEqualTo(rows(2));
            assertThat(value(house, "queries", "rows", "all")).isPositive();
            house.settle();
            double kept = value(house, "queries", "rows", "kept");
            assertThat(house.keeping(LAST)).isEqualTo(rows(2));
            assertThat(value(house, "queries", "rows", "kept")).isEqualTo(kept + 1);
            assertThat(value(house, "measurements")).isOne();
            assertThat(value(house, "bytes")).isPositive();
            assertThat(value(house, "rebuilds", "outcome", "done")).isOne();
            assertThat(value(house, "rebuilds", "outcome", "failed")).isZero();
            house.keeping("SELECT count(*) AS c FROM m");
            assertThat(value(house, "queries", "rows", "kept"))
                    .as("a statement of another shape")
                    .isEqualTo(kept + 1);
        }
    }

    @Test
    void flushesThatNobodyToldOfAreReadFromTheirFilesOnce() {
        try (LastValueHouse house = new LastValueHouse(directory.resolve("house"), LastValueHouse.ROOMY)) {
            house.write(batch(1));
            house.settle();
            house.told(false);
            for (int flush = 2; flush < 5; flush++) {
                house.write(batch(flush));
                house.flush();
            }
            assertThat(house.keeping(LAST)).as("all rows").isEqualTo(rows(4));
            house.settle();
            assertThat(house.keeping(LAST)).isEqualTo(rows(4));
            assertThat(value(house, "rebuilds", "outcome", "done"))
                    .as("at first, and then once")
                    .isEqualTo(2);
        }
    }

    @Test
    void aMeasurementWithLargerFilesThanAllowedIsLeftOut() {
        try (LastValueHouse house = house(DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofBytes(1))) {
            house.write(batch(1));
            house.flush();
            awaitLeftOut(house);
        }
    }

    @Test
    void aMeasurementThatDoesNotFitIsLeftOut() { // invariant 3
        try (LastValueHouse house = house(DataSize.ofBytes(1), Duration.ofHours(1), DataSize.ofGigabytes(1))) {
            house.write(batch(1));
            house.flush();
            awaitLeftOut(house);
            assertThat(value(house, "bytes")).isZero();
        }
    }

    private static void awaitLeftOut(LastValueHouse house) {
        Awaitility.await().atMost(LastValueHouse.PATIENCE).until(() -> {
            assertThat(house.keeping(LAST)).isEqualTo(rows(1));
            return value(house, "left.out") == 1;
        });
        assertThat(house.keeping(LAST)).isEqualTo(rows(1));
        assertThat(value(house, "measurements")).isZero();
        assertThat(house.answered()).isZero();
    }

    @Test
    void whatIsInvalidatedIsWorkedOutAgain() {
        try (LastValueHouse house = new LastValueHouse(directory.resolve("house"), LastValueHouse.ROOMY)) {
            house.write(batch(1));
            house.settle();
            house.store().invalidate(LastValueHouse.TABLE);
            assertThat(value(house, "measurements")).isZero();
            house.write(batch(2));
            assertThat(house.keeping(LAST)).isEqualTo(rows(2));
            house.settle();
            assertThat(house.keeping(LAST)).isEqualTo(rows(2));
            assertThat(value(house, "rebuilds", "outcome", "done")).isEqualTo(2);
        }
    }
}
