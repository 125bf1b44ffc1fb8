package io.weir.query.lastvalue;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotPart;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The newest rows of hot parts of one measurement. Of batches seen before they are remembered, so that a part that grows
 * is not looked through again by every query; the batches themselves are not kept alive. Small batches at the end of a part, which
 * may be merged into others, are looked at each time. Thread-safe.
 */
final class HotNewest {

    /** Below that a batch at the end may be merged; it costs little to look at. */
    private static final long SMALL_BYTES = 8 << 10;

    private final Map<String, Seen> seen = new HashMap<>();

    /** The first batches of a part, and the newest of their rows. */
    private record Seen(List<WeakReference<ColumnBatch>> batches, ColumnBatch newest) {

        boolean isBeginningOf(List<ColumnBatch> others) {
            if (batches.size() > others.size()) {
                return false;
            }
            for (int i = 0; i < batches.size(); i++) {
                if (!batches.get(i).refersTo(others.get(i))) {
                    return false;
                }
            }
            return true;
        }
    }

    /** Rows that contain the newest ones of those parts, which are all that are hot now. */
    List<ColumnBatch> of(Collection<HotPart> parts) {
        synchronized (seen) {
            seen.keySet().retainAll(parts.stream().map(HotPart::flushId).toList());
        }
        List<ColumnBatch> rows = new ArrayList<>();
        parts.forEach(part -> rows.addAll(of(part)));
        return picked(rows);
    }

    private List<ColumnBatch> of(HotPart part) {
        List<ColumnBatch> batches = part.batches();
        int settled = batches.size();
        while (settled > 0 && batches.get(settled - 1).sizeBytes() < SMALL_BYTES) {
            settled--;
        }
        if (settled == 0) {
            return batches;
        }
        Seen before;
        synchronized (seen) {
            before = seen.get(part.flushId());
        }
        List<ColumnBatch> rows = new ArrayList<>(picked(beginning(before, batches.subList(0, settled))));
        if (rows.size() == 1) {
            List<WeakReference<ColumnBatch>> references =
                    batches.subList(0, settled).stream().map(WeakReference::new).toList();
            synchronized (seen) {
                seen.put(part.flushId(), new Seen(references, rows.get(0)));
            }
        }
        rows.addAll(batches.subList(settled, batches.size()));
        return rows;
    }

    private static List<ColumnBatch> beginning(@Nullable Seen before, List<ColumnBatch> batches) {
        if (before == null || !before.isBeginningOf(batches)) {
            return batches;
        }
        List<ColumnBatch> rows = new ArrayList<>();
        rows.add(before.newest());
        rows.addAll(batches.subList(before.batches().size(), batches.size()));
        return rows;
    }

    private static List<ColumnBatch> picked(List<ColumnBatch> rows) {
        if (!NewestRows.canPick(rows)) {
            return rows;
        }
        ColumnBatch newest = NewestRows.of(rows);
        return newest == null ? List.of() : List.of(newest);
    }

    /** Forgets what was seen. */
    void clear() {
        synchronized (seen) {
            seen.clear();
        }
    }

    /** Bytes of rows that are remembered. */
    long heldBytes() {
        synchronized (seen) {
            return seen.values().stream()
                    .mapToLong(part -> part.newest().sizeBytes())
                    .sum();
        }
    }
}
