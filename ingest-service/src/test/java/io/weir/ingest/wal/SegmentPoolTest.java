package io.weir.ingest.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Spares of a log whose background work is done when the test says so. */
class SegmentPoolTest {

    private final MemoryWalFileSystem files = new MemoryWalFileSystem(1);
    private final Queue<Runnable> background = new ArrayDeque<>();
    private final SegmentPool pool = new SegmentPool(files, SteppedLog.settings(4096), background::add, () -> 0);

    private void work() {
        for (Runnable next = background.poll(); next != null; next = background.poll()) {
            next.run();
        }
    }

    private long spares() {
        return files.names().stream()
                .filter(name -> name.endsWith(SegmentPool.SPARE_SUFFIX))
                .count();
    }

    private SegmentLease segment(long number) throws IOException {
        String name = SegmentPool.fileName(number, SegmentPool.SEGMENT_SUFFIX);
        files.put(name, new byte[4096]);
        return pool.lease(number, name, 4096, number);
    }

    @Test
    void anIdleLogKeepsNoSparesAndABusyOneDoesAgain() {
        pool.prepareAhead();
        work();
        assertThat(spares()).isEqualTo(1);
        pool.trimLater();
        work();
        assertThat(spares()).isZero();
        pool.untrim();
        work();
        assertThat(spares()).isEqualTo(1);
    }

    @Test
    void aTrimmingThatComesLateRemovesNothingAndSegmentsAreReused() throws IOException {
        pool.prepareAhead();
        work();
        pool.trimLater();
        pool.untrim(); // an append came before the trimming did
        work();
        assertThat(spares()).as("spares kept").isEqualTo(1);
        pool.take();
        files.delete(SegmentPool.fileName(1, SegmentPool.SPARE_SUFFIX));
        background.clear();
        segment(7).release();
        work();
        assertThat(spares()).as("the released segment is a spare").isEqualTo(1);
        assertThat(pool.segments()).isZero();
    }

    @Test
    void aSegmentReleasedBetweenTheDecisionToTrimAndTheTrimmingIsNotKept() throws IOException {
        SegmentLease released = segment(7);
        pool.trimLater();
        released.release();
        work();
        assertThat(spares()).isZero();
    }
}
