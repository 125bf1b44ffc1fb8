package io.weir.ingest.compaction.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.storage.catalog.DataFile;
import io.weir.storage.parquet.merging.Duplicates;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Plans end, leave nothing small, and keep the order in which rows arrived. REQUIREMENTS L4; LESSONS 23. */
class PartitionPlanTest {

    private static final PlanLimits LIMITS = new PlanLimits(1_000, 8, 10_000);

    private int names;

    private DataFile file(long min, long max, long bytes) {
        return new DataFile("a/" + String.format("%028x", ++names) + "-0.parquet", min, max, bytes, bytes);
    }

    private static DataFile merged(List<DataFile> inputs, int number) {
        String id = Arrival.mergedId(inputs.get(inputs.size() - 1), String.format("%032x", number));
        long bytes = inputs.stream().mapToLong(DataFile::sizeBytes).sum();
        return new DataFile(
                "a/" + id + "-0.parquet",
                inputs.stream().mapToLong(DataFile::minMicros).min().orElseThrow(),
                inputs.stream().mapToLong(DataFile::maxMicros).max().orElseThrow(),
                bytes,
                bytes);
    }

    private static List<Long> sizes(List<DataFile> files) {
        return files.stream().map(DataFile::sizeBytes).toList();
    }

    @Test
    void whileFilesComeALargeOldOneIsLeftInPeace() {
        PartitionPlan plan = new PartitionPlan(LIMITS, Duplicates.KEPT);
        List<DataFile> files = List.of(file(0, 9, 500), file(0, 9, 20), file(0, 9, 30), file(0, 9, 10));
        assertThat(sizes(plan.next(files, false))).containsExactly(20L, 30L, 10L);
        assertThat(sizes(plan.next(files, true))).containsExactly(500L, 20L, 30L, 10L);
    }

    @Test
    void aSmallFileBetweenLargeOnesJoinsTheSmaller() {
        PartitionPlan plan = new PartitionPlan(LIMITS, Duplicates.KEPT);
        List<DataFile> files = List.of(file(0, 9, 990), file(10, 19, 20), file(20, 29, 985));
        assertThat(sizes(plan.next(files, true))).containsExactly(20L, 985L);
        assertThat(plan.next(List.of(file(0, 9, 900), file(10, 19, 800)), true)).isEmpty();
    }

    @Test
    void mergesEndAndFewFilesAreLeftThatAreNeitherLargeNorAlone() {
        long seed = System.nanoTime();
        System.out.println("PartitionPlanTest seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            for (Duplicates duplicates : Duplicates.values()) {
                run(random, duplicates, "seed " + seed + " case " + i + " " + duplicates);
            }
        }
    }

    private void run(Random random, Duplicates duplicates, String context) {
        PlanLimits limits = new PlanLimits(1_000, 2 + random.nextInt(8), 300 + random.nextInt(3_000));
        PartitionPlan plan = new PartitionPlan(limits, duplicates);
        List<DataFile> files = new ArrayList<>();
        for (int n = random.nextInt(40); n >= 0; n--) {
            long min = random.nextInt(100);
            files.add(file(min, min + random.nextInt(20), 1 + random.nextInt(random.nextInt(4) == 0 ? 1_200 : 60)));
        }
        long bytes = files.stream().mapToLong(DataFile::sizeBytes).sum();
        int rounds = 0;
        for (List<DataFile> next = plan.next(files, true); !next.isEmpty(); next = plan.next(files, true)) {
            assertThat(next).as(context).isSortedAccordingTo(Arrival.ORDER).hasSizeLessThanOrEqualTo(limits.maxFiles());
            if (duplicates == Duplicates.LAST_WINS) {
                noOtherOverlapsBetween(next, files, context);
            }
            files.removeAll(next);
            files.add(merged(next, ++rounds));
            assertThat(rounds).as(context).isLessThan(200);
        }
        assertThat(files.stream().mapToLong(DataFile::sizeBytes).sum()).isEqualTo(bytes);
        if (duplicates == Duplicates.KEPT) {
            assertThat((long) files.size()).as(context).isLessThanOrEqualTo(2 + 4 * bytes / limits.targetBytes());
        }
    }

    /** Else its rows would be older than those of one input and newer than those of another. */
    private static void noOtherOverlapsBetween(List<DataFile> next, List<DataFile> files, String context) {
        for (DataFile other : files) {
            if (next.contains(other)) {
                continue;
            }
            boolean older = next.stream().anyMatch(one -> overlap(one, other) && Arrival.ORDER.compare(one, other) < 0);
            boolean newer = next.stream().anyMatch(one -> overlap(one, other) && Arrival.ORDER.compare(one, other) > 0);
            assertThat(older && newer)
                    .as("%s: %s between %s", context, other, next)
                    .isFalse();
        }
    }

    private static boolean overlap(DataFile a, DataFile b) {
        return a.minMicros() <= b.maxMicros() && b.minMicros() <= a.maxMicros();
    }

    @Test
    void mergedFilesAreAsOldAsTheirNewestInput() {
        DataFile one = file(0, 1, 1);
        DataFile two = file(0, 1, 1);
        DataFile three = file(0, 1, 1);
        DataFile both = merged(List.of(one, two), 1);
        assertThat(Arrival.flushId(both.objectKey())).isEqualTo(Arrival.flushId(two.objectKey()));
        assertThat(Arrival.isMerged(both)).isTrue();
        assertThat(Arrival.isMerged(one)).isFalse();
        assertThat(List.of(one, both, three)).isSortedAccordingTo(Arrival.ORDER);
        DataFile again = merged(List.of(both, three), 2);
        assertThat(Arrival.flushId(again.objectKey())).isEqualTo(Arrival.flushId(three.objectKey()));
    }
}
