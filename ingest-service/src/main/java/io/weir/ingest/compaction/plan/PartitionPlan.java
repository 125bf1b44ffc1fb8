package io.weir.ingest.compaction.plan;

import io.weir.storage.catalog.DataFile;
import io.weir.storage.parquet.merging.Duplicates;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which files of an hour or a day are merged next. Asked again after each merge, until there is nothing to merge; every merge
 * leaves fewer files, so this ends.
 *
 * <ul>
 *   <li>While files still come, only those are merged that are not much larger than what came after them, so that a row is
 *       copied a few times, not with every flush.
 *   <li>Then neighbours in time are put together up to the target size; a small file between large ones goes to one of them.
 *   <li>Where the last of duplicates wins, files that overlap belong together whatever their size, and of those only
 *       neighbours in order of arrival may be merged: a file between them would be older than one input and newer than another.
 * </ul>
 */
public final class PartitionPlan {

    private static final Comparator<DataFile> BY_TIME =
            Comparator.comparingLong(DataFile::minMicros).thenComparing(DataFile::objectKey);
    private static final int SMALL = 4;

    private final PlanLimits limits;
    private final Duplicates duplicates;

    /** Plans within those limits. */
    public PartitionPlan(PlanLimits limits, Duplicates duplicates) {
        this.limits = limits;
        this.duplicates = duplicates;
    }

    /**
     * The inputs of the next merge, in order of arrival; none when there is nothing to merge.
     *
     * @param files all files whose times are in the partition, in any order
     * @param quiet whether no more files come, as far as one can tell
     */
    public List<DataFile> next(List<DataFile> files, boolean quiet) {
        List<DataFile> arrived = files.stream().sorted(Arrival.ORDER).toList();
        if (duplicates == Duplicates.LAST_WINS) {
            return nextOfOverlapping(arrived, quiet);
        }
        if (!quiet) {
            return smallest(newer(arrived.stream()
                    .filter(file -> file.sizeBytes() < limits.targetBytes())
                    .toList()));
        }
        for (List<DataFile> group : groups(arrived.stream().sorted(BY_TIME).toList())) {
            if (group.size() > 1) {
                return smallest(group);
            }
        }
        return List.of();
    }

    /** Without the oldest, as long as they are more than twice as large as all that came later. */
    private static List<DataFile> newer(List<DataFile> arrived) {
        long later = arrived.stream().mapToLong(DataFile::sizeBytes).sum();
        int from = 0;
        for (DataFile file : arrived) {
            later -= file.sizeBytes();
            if (file.sizeBytes() <= 2 * later) {
                break;
            }
            from++;
        }
        return arrived.subList(from, arrived.size());
    }

    /** As many as a merge takes, the smallest, in order of arrival; none when there are not two. */
    private List<DataFile> smallest(List<DataFile> files) {
        List<DataFile> taken = new ArrayList<>();
        long bytes = 0;
        for (DataFile file : files.stream()
                .sorted(Comparator.comparingLong(DataFile::sizeBytes).thenComparing(Arrival.ORDER))
                .limit(limits.maxFiles())
                .toList()) {
            bytes += file.sizeBytes();
            if (taken.size() >= 2 && bytes > limits.maxBytes()) {
                break;
            }
            taken.add(file);
        }
        return taken.size() < 2
                ? List.of()
                : taken.stream().sorted(Arrival.ORDER).toList();
    }

    /** Neighbours whose sizes together are at most the target; what is small and alone joins a neighbour. */
    private List<List<DataFile>> groups(List<DataFile> files) {
        List<List<DataFile>> groups = new ArrayList<>();
        long bytes = 0;
        for (DataFile file : files) {
            if (groups.isEmpty() || bytes + file.sizeBytes() > limits.targetBytes()) {
                groups.add(new ArrayList<>());
                bytes = 0;
            }
            groups.get(groups.size() - 1).add(file);
            bytes += file.sizeBytes();
        }
        for (int i = 0; i < groups.size(); i++) {
            if (groups.get(i).size() == 1 && size(groups.get(i)) < limits.targetBytes() / SMALL) {
                int neighbour = smallerNeighbour(groups, i);
                if (neighbour >= 0
                        && size(groups.get(neighbour)) + size(groups.get(i)) <= limits.targetBytes() / 2 * 3) {
                    groups.get(neighbour).addAll(groups.get(i));
                    groups.remove(i);
                    i--;
                }
            }
        }
        return groups;
    }

    private static int smallerNeighbour(List<List<DataFile>> groups, int i) {
        if (groups.size() == 1) {
            return -1;
        }
        if (i == 0 || i == groups.size() - 1) {
            return i == 0 ? 1 : i - 1;
        }
        return size(groups.get(i - 1)) <= size(groups.get(i + 1)) ? i - 1 : i + 1;
    }

    private static long size(List<DataFile> files) {
        return files.stream().mapToLong(DataFile::sizeBytes).sum();
    }

    private List<DataFile> nextOfOverlapping(List<DataFile> arrived, boolean quiet) {
        List<List<DataFile>> clusters = clusters(arrived);
        List<DataFile> apart = new ArrayList<>();
        for (List<DataFile> cluster : clusters) {
            List<DataFile> inOrder = cluster.stream().sorted(Arrival.ORDER).toList();
            List<DataFile> some = quiet ? inOrder : newer(inOrder);
            if (some.size() > 1) {
                return cheapestNeighbours(some);
            }
            if (quiet && !Arrival.isMerged(inOrder.get(0))) {
                return inOrder; // it may have duplicates of its own
            }
            apart.add(inOrder.get(0));
        }
        if (quiet) {
            for (List<DataFile> group : groups(apart)) {
                if (group.size() > 1) {
                    return smallest(group);
                }
            }
        }
        return List.of();
    }

    /** Files that overlap, or are linked by others that do, together; ordered by time. */
    private static List<List<DataFile>> clusters(List<DataFile> files) {
        List<List<DataFile>> clusters = new ArrayList<>();
        long end = Long.MIN_VALUE;
        for (DataFile file : files.stream().sorted(BY_TIME).toList()) {
            if (clusters.isEmpty() || file.minMicros() > end) {
                clusters.add(new ArrayList<>());
            }
            clusters.get(clusters.size() - 1).add(file);
            end = Math.max(end, file.maxMicros());
        }
        return clusters;
    }

    /** As many as a merge takes that arrived one after the other, of those the ones with the fewest bytes. */
    private List<DataFile> cheapestNeighbours(List<DataFile> arrived) {
        int count = Math.min(limits.maxFiles(), arrived.size());
        List<DataFile> best = arrived.subList(0, count);
        for (int from = 1; from + count <= arrived.size(); from++) {
            List<DataFile> other = arrived.subList(from, from + count);
            best = size(other) < size(best) ? other : best;
        }
        int kept = best.size();
        while (kept > 2 && size(best.subList(0, kept)) > limits.maxBytes()) {
            kept--;
        }
        return List.copyOf(best.subList(0, kept));
    }
}
