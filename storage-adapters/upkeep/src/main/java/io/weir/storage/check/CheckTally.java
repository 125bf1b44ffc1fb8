package io.weir.storage.check;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How far a check is, and what it has found. Thread-safe. */
public final class CheckTally {

    private final Map<FindingKind, Long> findings = new EnumMap<>(FindingKind.class);
    private long files;
    private long bytes;
    private long uncommitted;
    private long awaitingRemoval;
    private long unrepaired;

    /** A tally of nothing. */
    public CheckTally() {}

    /** A tally of that many files and bytes, and of those findings. */
    public static CheckTally of(long files, long bytes, List<Finding> findings) {
        CheckTally tally = new CheckTally();
        tally.files = files;
        tally.bytes = bytes;
        tally.found(findings);
        return tally;
    }

    synchronized void file(long sizeBytes) {
        files++;
        bytes += sizeBytes;
    }

    synchronized void uncommitted() {
        uncommitted++;
    }

    synchronized void awaitingRemoval() {
        awaitingRemoval++;
    }

    synchronized void found(List<Finding> more) {
        for (Finding finding : more) {
            findings.merge(finding.kind(), 1L, Long::sum);
            unrepaired += finding.repaired() ? 0 : 1;
        }
    }

    /** Files of the catalog that were checked. */
    public synchronized long files() {
        return files;
    }

    /** Their bytes. */
    public synchronized long bytes() {
        return bytes;
    }

    /** Objects that the catalog does not know and that are too young to be orphans. */
    public synchronized long uncommittedObjects() {
        return uncommitted;
    }

    /** Objects that left the catalog and are removed by the next search for orphans. */
    public synchronized long objectsAwaitingRemoval() {
        return awaitingRemoval;
    }

    /** Findings by kind; kinds without one are not there. */
    public synchronized Map<FindingKind, Long> findings() {
        return new EnumMap<>(findings);
    }

    /** Findings that were not repaired. */
    public synchronized long unrepaired() {
        return unrepaired;
    }
}
