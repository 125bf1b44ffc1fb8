package io.weir.query.lastvalue;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotPart;
import io.weir.common.model.TableId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The newest rows of the files of one measurement, as of one commit sequence, and those of flushes that are or will be committed
 * after it. Thread-safe.
 *
 * <pre>
 *   files up to commit 17     ready(17)     newest rows, one batch or a few
 *   flush a, flush b …        flushed(…)    their newest rows, until the catalog says that they are committed
 *   commits 18, 19: a, b      advance(19)   newest rows as of 19: those of 17 and those of a and b
 * </pre>
 *
 * Whatever happens to files but flushes must keep all rows (a compaction), or have lost some (a delete, retention): then the number
 * of rows in the catalog is not the one expected here, and the newest rows are worked out again.
 */
final class Summary {

    /** A flush that is not committed by then is told again when it is tried again. */
    private static final long PENDING_NANOS = 3_600_000_000_000L;

    /** Batches that may wait to be folded into one. */
    private static final int MOST_BATCHES = 16;

    private final TableId table;
    private final LongConsumer memory;
    private final HotNewest hot = new HotNewest();
    private final Map<String, Flushed> flushed = new LinkedHashMap<>();
    private List<ColumnBatch> newest = List.of();
    private long sequence = -1;
    private long rows;
    private boolean ready;
    private boolean ended;
    private long heldBytes;
    private long hotBytes;
    private volatile long askedNanos = System.nanoTime();

    /** The newest rows of one flush, null when others have them with theirs, and how many rows it has in all. */
    private record Flushed(@Nullable ColumnBatch newest, long rows, long sinceNanos) {

        long bytes() {
            return newest == null ? 0 : newest.sizeBytes();
        }
    }

    /** @param memory hears by how many bytes this grows or shrinks */
    Summary(TableId table, LongConsumer memory) {
        this.table = table;
        this.memory = memory;
    }

    TableId table() {
        return table;
    }

    /** The newest rows that were asked for now. */
    void asked() {
        askedNanos = System.nanoTime();
    }

    long askedNanos() {
        return askedNanos;
    }

    synchronized boolean isReady() {
        return ready;
    }

    /** The commit sequence it stands at; below 0 before it is ready. */
    synchronized long sequence() {
        return sequence;
    }

    synchronized long heldBytes() {
        return heldBytes;
    }

    /** Whether flushes were told and not met in the catalog yet that are many, or one that has waited for so long. */
    synchronized boolean isBehind(int many, long nanos) {
        long now = System.nanoTime();
        return flushed.size() >= many || flushed.values().stream().anyMatch(flush -> now - flush.sinceNanos() > nanos);
    }

    /** Remembers the newest rows of a flush that will be committed, or was. */
    synchronized void flushed(String flushId, @Nullable ColumnBatch rowsOfIt, long count) {
        if (ended) {
            return;
        }
        long now = System.nanoTime();
        flushed.values().removeIf(old -> {
            boolean late = now - old.sinceNanos() > PENDING_NANOS;
            hold(late ? -old.bytes() : 0);
            return late;
        });
        Flushed added = new Flushed(rowsOfIt, count, now);
        Flushed before = flushed.put(flushId, added);
        hold(added.bytes() - (before == null ? 0 : before.bytes()));
    }

    /** Says what the newest rows of all files are, as of a commit sequence. */
    synchronized void ready(long at, long rowsInFiles, List<ColumnBatch> batches) {
        if (ended) {
            return;
        }
        sequence = at;
        rows = rowsInFiles;
        newest = List.copyOf(batches);
        newest.forEach(batch -> hold(batch.sizeBytes()));
        ready = true;
    }

    /** Rows that contain the newest ones of hot parts: of those that are in no file of the step that was made last. */
    List<ColumnBatch> hot(Collection<HotPart> parts) {
        List<ColumnBatch> rows = hot.of(parts);
        synchronized (this) {
            long now = ended ? 0 : hot.heldBytes();
            hold(now - hotBytes);
            hotBytes = now;
        }
        return rows;
    }

    /** What {@link #advance} found. */
    sealed interface Step {

        /** The newest rows as of that progress. */
        record Newest(List<ColumnBatch> batches) implements Step {}

        /** It stands further on than that progress, which is to be read again. */
        record Overtaken() implements Step {}

        /** Flushes were committed that nobody told of. */
        record Missing(Set<String> flushIds) implements Step {}

        /** It cannot be told any more. */
        record Lost() implements Step {}
    }

    /** Goes on to what the catalog says, if it can. */
    synchronized Step advance(FileProgress progress) {
        if (!ready || ended) {
            return new Step.Lost();
        }
        if (progress.sequence() < sequence) {
            return new Step.Overtaken();
        }
        Set<Long> accounted = new HashSet<>();
        Set<String> missing = new HashSet<>();
        List<String> met = new ArrayList<>();
        boolean changed = false;
        long expected = rows;
        for (FileProgress.Commit commit : progress.commits()) {
            if (commit.sequence() <= sequence) {
                continue; // another query went there first
            }
            accounted.add(commit.sequence());
            changed |= !commit.flush();
            Flushed of = commit.flush() ? flushed.get(commit.id()) : null;
            if (of != null) {
                met.add(commit.id());
                expected += of.rows();
            } else if (commit.flush()) {
                missing.add(commit.id());
            }
        }
        if (accounted.size() != progress.sequence() - sequence) {
            return new Step.Lost();
        }
        if (!missing.isEmpty()) {
            return new Step.Missing(missing);
        }
        if ((changed && progress.rows() < 0)
                || (progress.rows() >= 0 && progress.rows() != expected && !accounted.isEmpty())) {
            return new Step.Lost();
        }
        List<ColumnBatch> more = new ArrayList<>(newest);
        for (String id : met) {
            Flushed of = flushed.remove(id);
            if (of != null && of.newest() != null) {
                more.add(of.newest());
            }
        }
        newest = List.copyOf(more);
        sequence = progress.sequence();
        rows = expected;
        return new Step.Newest(newest);
    }

    /** Makes one batch of those that came one by one, when it pays. Does its work outside of the lock. */
    void fold() {
        List<ColumnBatch> before;
        synchronized (this) {
            before = newest;
        }
        if (before.size() < 2) {
            return;
        }
        long later = before.stream().skip(1).mapToLong(ColumnBatch::rows).sum();
        if ((before.size() <= MOST_BATCHES && later < before.get(0).rows()) || !NewestRows.canPick(before)) {
            return;
        }
        ColumnBatch folded = NewestRows.of(before);
        synchronized (this) {
            boolean kept = !ended
                    && newest.size() >= before.size()
                    && newest.subList(0, before.size()).equals(before);
            if (kept && folded != null) {
                List<ColumnBatch> after = new ArrayList<>();
                after.add(folded);
                after.addAll(newest.subList(before.size(), newest.size()));
                hold(folded.sizeBytes());
                before.forEach(batch -> hold(-batch.sizeBytes()));
                newest = List.copyOf(after);
            }
        }
    }

    /** Forgets everything and takes nothing more. */
    synchronized void end() {
        ended = true;
        ready = false;
        newest = List.of();
        flushed.clear();
        hot.clear();
        hotBytes = 0;
        hold(-heldBytes);
    }

    private void hold(long delta) {
        heldBytes += delta;
        if (delta != 0) {
            memory.accept(delta);
        }
    }
}
