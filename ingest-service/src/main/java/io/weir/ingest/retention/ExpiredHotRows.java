package io.weir.ingest.retention;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotArea;
import io.weir.common.hot.HotControl;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.model.TableId;
import io.weir.storage.catalog.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.function.Supplier;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Rows that are too old and in no file yet, because they came late: those of this process. Thread-safe, and never blocks the
 * caller.
 */
final class ExpiredHotRows {

    private static final Duration PATIENCE = Duration.ofSeconds(25);

    private final Supplier<? extends Collection<TableId>> tables;
    private final HotRows rows;
    private final HotControl control;
    private final Scheduler cpu;

    /**
     * Rows of these parts of the write path.
     *
     * @param tables measurements that may have hot rows
     * @param cpu where rows are looked at
     */
    ExpiredHotRows(Supplier<? extends Collection<TableId>> tables, HotRows rows, HotControl control, Scheduler cpu) {
        this.tables = tables;
        this.rows = rows;
        this.control = control;
        this.cpu = cpu;
    }

    /** How many of a policy's rows are older than the cutoff. */
    Mono<Long> count(RetentionPolicy policy, Instant cutoff) {
        return counts(policy, cutoff).map(OfTable::rows).reduce(0L, Long::sum);
    }

    /** Puts measurements that have such rows into files; an error {@code overloaded} when that takes too long. */
    Mono<Void> flush(RetentionPolicy policy, Instant cutoff) {
        return counts(policy, cutoff)
                .filter(of -> of.rows() > 0)
                .concatMap(
                        of -> control.flush(HotArea.of(of.table()))
                                .timeout(
                                        PATIENCE,
                                        Mono.error(
                                                () -> new WeirException(
                                                        CommonError.OVERLOADED,
                                                        "hot rows of \""
                                                                + of.table().measurement()
                                                                + "\" did not get into files in time, and nothing is dropped; try again later"))))
                .then();
    }

    private record OfTable(TableId table, long rows) {}

    private Flux<OfTable> counts(RetentionPolicy policy, Instant cutoff) {
        long at = ChronoUnit.MICROS.between(Instant.EPOCH, cutoff);
        return Flux.defer(() -> Flux.fromIterable(tables.get()))
                .filter(policy::covers)
                .concatMap(table -> Flux.using(
                                HotHold::new, hold -> rows.snapshot(table, hold).flatMapIterable(parts -> parts))
                        .map(part -> older(part, at))
                        .reduce(0L, Long::sum)
                        .map(older -> new OfTable(table, older)))
                .subscribeOn(cpu);
    }

    private static long older(HotPart part, long cutoffMicros) {
        long older = 0;
        for (ColumnBatch batch : part.batches()) {
            if (batch.minTimeMicros() >= cutoffMicros) {
                continue;
            }
            long[] times = batch.timeMicros();
            for (int row = 0; row < batch.rows(); row++) {
                older += times[row] < cutoffMicros ? 1 : 0;
            }
        }
        return older;
    }
}
