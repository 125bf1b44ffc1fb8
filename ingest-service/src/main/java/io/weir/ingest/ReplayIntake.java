package io.weir.ingest;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Names;
import io.weir.common.model.TableId;
import io.weir.ingest.buffer.IngestBuffers;
import io.weir.ingest.idempotency.WriteKeys;
import io.weir.ingest.schema.SchemaRegistry;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WalAppend;
import io.weir.ingest.wal.WalHold;
import io.weir.ingest.wal.WalReplayHandler;
import io.weir.storage.catalog.Catalog;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what earlier runs left in the log: skips what is in files already and publishes the rest the way live rows are.
 * Runs on the thread that starts the service, before it takes requests, and may wait there: for the catalog, and for
 * flushes when replayed rows fill the memory budget.
 */
final class ReplayIntake implements WalReplayHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ReplayIntake.class);
    private static final Duration CATALOG_PATIENCE = Duration.ofMinutes(1);
    private static final Duration FLUSH_PATIENCE = Duration.ofSeconds(20);
    private static final double FULL = 0.6;

    private final Catalog catalog;
    private final SchemaRegistry schemas;
    private final IngestBuffers buffers;
    private final RowIntake intake;
    private final MemoryBudget budget;
    private final WriteKeys keys;
    private final Consumer<UUID> onBegin;
    private @Nullable CommittedSequences committed;
    private String walId = "";
    private long replayedRows;
    private long skippedBatches;
    private boolean outOfPatience;

    ReplayIntake(
            Catalog catalog,
            SchemaRegistry schemas,
            IngestBuffers buffers,
            RowIntake intake,
            MemoryBudget budget,
            WriteKeys keys,
            Consumer<UUID> onBegin) {
        this.catalog = catalog;
        this.schemas = schemas;
        this.buffers = buffers;
        this.intake = intake;
        this.budget = budget;
        this.keys = keys;
        this.onBegin = onBegin;
    }

    @Override
    public void begin(UUID id) {
        walId = id.toString();
        onBegin.accept(id);
    }

    @Override
    public void replay(WalAppend append, WalHold hold) {
        requireNames(append);
        CommittedSequences done = committedFrom(hold.baseSequence());
        List<ColumnBatch> batches = append.batches();
        LoggedKey key = RowIntake.loggedKey(append, hold);
        boolean repeated = key != null && isRepeated(append, key);
        BitSet wanted = new BitSet(batches.size());
        for (int i = 0; i < batches.size(); i++) {
            TableId table = append.database().table(batches.get(i).measurement());
            wanted.set(i, !repeated && !done.contains(table, hold.baseSequence() + i));
        }
        admit(append.database(), wanted.stream().mapToObj(batches::get).toList());
        for (int i = 0; i < batches.size(); i++) {
            if (!wanted.get(i)) {
                hold.release();
                skippedBatches++;
            } else {
                intake.publish(append, i, hold, key);
                replayedRows += batches.get(i).rows();
            }
        }
        if (!outOfPatience && !buffers.awaitBelow((long) (budget.limitBytes() * FULL), FLUSH_PATIENCE)) {
            outOfPatience = true; // what was held before the crash is held again
            LOG.warn("replayed rows cannot be flushed; the start goes on with all of them in memory");
        }
    }

    private boolean isRepeated(WalAppend append, LoggedKey key) {
        return Boolean.FALSE.equals(keys.replayed(append.database(), key).block(CATALOG_PATIENCE));
    }

    /** Names are checked again: what a damaged log yields must not reach a path. */
    private static void requireNames(WalAppend append) {
        Names.requireDatabase(append.database().database());
        for (ColumnBatch batch : append.batches()) {
            String fault = Names.measurementFault(batch.measurement());
            if (fault != null) {
                throw new WeirException(CommonError.INVALID_NAME, fault);
            }
        }
    }

    /**
     * The catalog has these columns unless it was lost or replaced; then it learns them here. Not those of rows that are in
     * files already, whose measurement may have been dropped since, and be there again with columns of other types.
     */
    private void admit(DatabaseId database, List<ColumnBatch> batches) {
        if (!batches.isEmpty()) {
            schemas.open(database)
                    .flatMap(known -> schemas.admit(known, batches))
                    .block(CATALOG_PATIENCE);
        }
    }

    private CommittedSequences committedFrom(long sequence) {
        CommittedSequences known = committed;
        if (known == null) {
            known = new CommittedSequences(catalog.committedRanges(walId, sequence)
                    .collectList()
                    .blockOptional(CATALOG_PATIENCE)
                    .orElse(List.of()));
            committed = known;
        }
        return known;
    }

    long replayedRows() {
        return replayedRows;
    }

    long skippedBatches() {
        return skippedBatches;
    }
}
