package io.weir.ingest;

import io.weir.common.model.TableId;
import io.weir.storage.catalog.CommittedRange;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which batches of a log are in files already, by measurement: what replay must skip. Not thread-safe. */
final class CommittedSequences {

    private final Map<TableId, TreeMap<Long, Long>> lastByFirst = new HashMap<>();

    CommittedSequences(List<CommittedRange> ranges) {
        for (CommittedRange range : ranges) {
            lastByFirst
                    .computeIfAbsent(range.table(), table -> new TreeMap<>())
                    .merge(range.firstSequence(), range.lastSequence(), Math::max);
        }
        lastByFirst.values().forEach(CommittedSequences::reachBack);
    }

    /**
     * Gives each range, in order of start, the largest end of those that start no later. Ranges of one measurement overlap when a part that
     * was replayed is committed together with newer rows; so the nearest start below a sequence answers for all.
     */
    private static void reachBack(Map<Long, Long> ranges) {
        long last = Long.MIN_VALUE;
        for (Map.Entry<Long, Long> range : ranges.entrySet()) {
            last = Math.max(last, range.getValue());
            range.setValue(last);
        }
    }

    boolean contains(TableId table, long sequence) {
        TreeMap<Long, Long> ranges = lastByFirst.get(table);
        Map.Entry<Long, Long> before = ranges == null ? null : ranges.floorEntry(sequence);
        return before != null && sequence <= before.getValue();
    }
}
