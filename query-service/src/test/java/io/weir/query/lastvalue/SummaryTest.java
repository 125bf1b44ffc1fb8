package io.weir.query.lastvalue;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.query.lastvalue.Summary.Step;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** How kept rows follow what the catalog says, step by step. */
class SummaryTest {

    private static final TableId TABLE = new DatabaseId("org", "db").table("m");
    private static final long NOT_COUNTED = -1;

    private final AtomicLong held = new AtomicLong();
    private final Summary summary = new Summary(TABLE, held::addAndGet);
    private final ColumnBatch base = batch("m", 1);
    private final ColumnBatch a = batch("m", 2);
    private final ColumnBatch b = batch("m", 3);

    @BeforeEach
    void standAtTen() {
        summary.ready(10, 100, List.of(base));
    }

    private static ColumnBatch batch(String measurement, long value) {
        BatchBuilder builder = new BatchBuilder(measurement);
        builder.setLong(builder.field("v", ColumnType.INT64), value);
        builder.endRow(builder.series().intern(), value, 0);
        return builder.build();
    }

    private static FileProgress to(long sequence, long rows, FileProgress.Commit... commits) {
        return new FileProgress(MeasurementSchema.empty(), sequence, List.of(commits), rows, Set.of(), "");
    }

    private static FileProgress.Commit flush(String id, long sequence) {
        return new FileProgress.Commit(id, sequence, true);
    }

    private static FileProgress.Commit change(String id, long sequence) {
        return new FileProgress.Commit(id, sequence, false);
    }

    @Test
    void whatTheCatalogDoesNotSayYetIsNotSeen() { // invariant 2
        summary.flushed("a", a, 7);
        assertThat(summary.advance(to(10, NOT_COUNTED))).isEqualTo(new Step.Newest(List.of(base)));
        assertThat(summary.advance(to(11, NOT_COUNTED, flush("a", 11)))).isEqualTo(new Step.Newest(List.of(base, a)));
        assertThat(summary.advance(to(11, NOT_COUNTED, flush("a", 11))))
                .as("told again to one that asked before")
                .isEqualTo(new Step.Newest(List.of(base, a)));
        assertThat(summary.advance(to(10, NOT_COUNTED))).isEqualTo(new Step.Overtaken());
    }

    @Test
    void flushesOfOneTransactionCountAsOne() {
        summary.flushed("a", a, 7);
        summary.flushed("b", b, 7);
        assertThat(summary.advance(to(11, NOT_COUNTED, flush("b", 11), flush("a", 11))))
                .isEqualTo(new Step.Newest(List.of(base, b, a)));
        assertThat(summary.sequence()).isEqualTo(11);
    }

    @Test
    void flushesNobodyToldOfAreMissingUntilTheyAreRead() {
        summary.flushed("a", a, 7);
        FileProgress progress = to(12, NOT_COUNTED, flush("a", 11), flush("b", 12));
        assertThat(summary.advance(progress)).isEqualTo(new Step.Missing(Set.of("b")));
        summary.flushed("b", b, 5);
        assertThat(summary.advance(progress)).isEqualTo(new Step.Newest(List.of(base, a, b)));
    }

    @Test
    void aCompactionKeepsTheNewestRowsAndADeleteDoesNot() {
        summary.flushed("a", a, 7);
        assertThat(summary.advance(to(12, 107, flush("a", 11), change("c", 12))))
                .isEqualTo(new Step.Newest(List.of(base, a)));
        assertThat(summary.advance(to(13, 106, change("d", 13)))).isEqualTo(new Step.Lost());
    }

    @Test
    void aCommitThatIsNotKnownLosesThem() { // such as files that were dropped because they are gone
        summary.flushed("a", a, 7);
        assertThat(summary.advance(to(12, NOT_COUNTED, flush("a", 12)))).isEqualTo(new Step.Lost());
        assertThat(summary.advance(to(11, NOT_COUNTED, change("c", 11))))
                .as("not counted")
                .isEqualTo(new Step.Lost());
        assertThat(summary.advance(to(11, 90, flush("a", 11))))
                .as("half of what an old transaction did is forgotten")
                .isEqualTo(new Step.Lost());
    }

    @Test
    void batchesAreFoldedAndTheirMemoryIsCounted() { // invariant 3
        for (int i = 0; i < 40; i++) {
            summary.flushed("f" + i, batch("m", 10 + i), 1);
            summary.advance(to(11 + i, NOT_COUNTED, flush("f" + i, 11 + i)));
        }
        summary.fold();
        Step.Newest newest = (Step.Newest) summary.advance(to(50, NOT_COUNTED));
        assertThat(newest.batches()).hasSize(1);
        assertThat(newest.batches().get(0).rows()).isOne();
        assertThat(newest.batches().get(0).maxTimeMicros()).isEqualTo(49);
        assertThat(held.get()).isEqualTo(newest.batches().get(0).sizeBytes()).isEqualTo(summary.heldBytes());
        summary.flushed("a", a, 1);
        summary.flushed("a", b, 1);
        summary.end();
        assertThat(held.get()).isZero();
        summary.flushed("a", a, 1);
        summary.ready(60, 1, List.of(a));
        assertThat(held.get()).as("after its end").isZero();
        assertThat(summary.advance(to(60, NOT_COUNTED))).isEqualTo(new Step.Lost());
    }

    private static LastValueStore store(long bytes, Duration idle) {
        return new LastValueStore(
                new LastValueProperties(true, DataSize.ofBytes(bytes), idle, DataSize.ofGigabytes(1)));
    }

    private static Summary begin(LastValueStore store, String name) {
        Summary begun = store.begin(TABLE.databaseId().table(name));
        begun.ready(1, 1, List.of(batch(name, 1)));
        store.bound(begun);
        return begun;
    }

    @Test
    void theMeasurementAskedForLongestAgoMakesRoom() { // invariant 3, LESSONS 47
        long one = base.sizeBytes();
        LastValueStore store = store(2 * one + 10, Duration.ofHours(1));
        Summary first = begin(store, "m1");
        Summary second = begin(store, "m2");
        first.asked();
        begin(store, "m3");
        assertThat(store.find(second.table())).isNull();
        assertThat(store.find(first.table())).isSameAs(first);
        assertThat(store.heldBytes()).isEqualTo(2 * one);
        assertThat(store.evictions()).isOne();
        assertThat(store.measurements()).isEqualTo(2);
        store.invalidate(first.table());
        assertThat(store.heldBytes()).isEqualTo(one);
    }

    @Test
    void oneThatDoesNotFitAloneIsLeftOut() {
        LastValueStore store = store(base.sizeBytes() - 1, Duration.ofHours(1));
        Summary summary = begin(store, "m");
        assertThat(store.find(summary.table())).isNull();
        assertThat(store.begin(summary.table())).as("not again for a while").isNull();
        assertThat(store.leftOut()).isOne();
        assertThat(store.heldBytes()).isZero();
    }

    @Test
    void aMeasurementNobodyAsksForIsForgottenWithItsNextFlush() {
        LastValueStore idle = store(1 << 20, Duration.ofNanos(1));
        Summary summary = begin(idle, "m");
        idle.flushing(summary.table(), "a", List.of(a));
        assertThat(idle.measurements()).isZero();
        assertThat(idle.heldBytes()).isZero();
        LastValueStore store = store(1 << 20, Duration.ofHours(1));
        Summary kept = begin(store, "m");
        store.flushing(kept.table(), "a", List.of(a, b));
        Step.Newest newest = (Step.Newest) kept.advance(to(2, NOT_COUNTED, flush("a", 2)));
        assertThat(newest.batches()).hasSize(2);
        assertThat(newest.batches().get(1).rows()).as("the newer of both").isOne();
    }
}
