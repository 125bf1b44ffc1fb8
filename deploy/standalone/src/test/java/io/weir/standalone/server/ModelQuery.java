package io.weir.standalone.server;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a continuous query that counts and sums by host should have done.
 *
 * @param id its id, which is its destination's name too
 * @param statement what it says
 * @param first where its first window begins
 * @param interval length of a window; all in microseconds
 * @param lag how long after its end a window is computed
 * @param lateness how long late rows still change one
 */
record ModelQuery(String id, String statement, long first, long interval, long lag, long lateness) {

    /** Where it stands. */
    record Progress(long watermark, Set<ModelRow> rows) {}

    /** When the next window is due. */
    long due(long watermark) {
        return watermark + interval + lag;
    }

    /** Up to which time no window changes any more. */
    long settled(long watermark) {
        return Math.max(first, watermark - lateness);
    }

    /** Where a run brings it, and where it stands on the way, after each commit. */
    List<Progress> run(Collection<ModelRow> source, Progress before, long now, int windows) {
        List<Progress> all = new ArrayList<>(List.of(before));
        Progress at = before;
        for (long start = first; start < before.watermark; start += interval) {
            if (start + interval > before.watermark - lateness && lateness > 0) {
                at = with(source, at, start, at.watermark);
                all.add(at);
            }
        }
        for (int n = 0; n < windows && due(at.watermark) <= now; n++) {
            at = with(source, at, at.watermark, at.watermark + interval);
            all.add(at);
        }
        return all;
    }

    private Progress with(Collection<ModelRow> source, Progress before, long start, long watermark) {
        Set<ModelRow> rows = before.rows.stream()
                .filter(row -> row.micros() != start)
                .collect(Collectors.toCollection(HashSet::new));
        Map<String, List<ModelRow>> hosts = source.stream()
                .filter(row -> row.micros() >= start && row.micros() < start + interval)
                .collect(Collectors.groupingBy(ModelRow::host));
        hosts.forEach((host, of) -> rows.add(new ModelRow(
                start, host, of.size(), of.stream().mapToLong(ModelRow::first).sum())));
        return new Progress(watermark, rows);
    }
}
