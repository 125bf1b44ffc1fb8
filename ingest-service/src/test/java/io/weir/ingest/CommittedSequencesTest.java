package io.weir.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.storage.catalog.CommittedRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** LESSONS 8: replay skips exactly what is in files. */
class CommittedSequencesTest {

    private static final TableId CPU = new DatabaseId("default", "iot").table("cpu");

    @Test
    void rangesThatOverlapAfterAReplayStillHoldTheirSequences() {
        CommittedSequences committed = new CommittedSequences(
                List.of(new CommittedRange(CPU, 1, 3), new CommittedRange(CPU, 7, 9), new CommittedRange(CPU, 4, 10)));
        assertThat(committed.contains(CPU, 10)).isTrue();
        assertThat(committed.contains(CPU, 11)).isFalse();
        assertThat(committed.contains(CPU, 0)).isFalse();
        assertThat(committed.contains(CPU.databaseId().table("mem"), 2)).isFalse();
    }

    @Test
    void randomRangesAgreeWithLookingAtEachOfThem() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            List<CommittedRange> ranges = new ArrayList<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                long first = random.nextInt(60);
                ranges.add(new CommittedRange(CPU, first, first + random.nextInt(15)));
            }
            CommittedSequences committed = new CommittedSequences(ranges);
            for (long sequence = -1; sequence < 80; sequence++) {
                long s = sequence;
                boolean inOne = ranges.stream().anyMatch(r -> r.firstSequence() <= s && s <= r.lastSequence());
                assertThat(committed.contains(CPU, s)).as("%d in %s", s, ranges).isEqualTo(inOne);
            }
        }
    }
}
