package io.weir.query.cache;

import io.weir.query.snapshot.TableVersion;
import java.util.Set;

/**
 * A result: what was asked, and in which versions the measurements were that it was made from. When data changes the key
 * of the same question is another one, so nothing that is kept under it can be stale.
 *
 * @param subject what was asked
 * @param versions the version of each measurement that was read, one each, all known
 */
record CacheKey(CacheSubject subject, Set<TableVersion> versions) {

    CacheKey {
        versions = Set.copyOf(versions);
        if (!isComplete(versions)) {
            throw new IllegalArgumentException("a measurement's version is not known: " + versions);
        }
        for (TableVersion version : versions) {
            if (!version.table().organisation().equals(subject.organisation())) {
                throw new IllegalArgumentException("a result of organisation " + subject.organisation()
                        + " cannot be made of rows of " + version.table().organisation());
            }
        }
    }

    /** Whether a result that read those versions can have a key. */
    static boolean isComplete(Set<TableVersion> versions) {
        return versions.stream().allMatch(TableVersion::isKnown)
                && versions.stream().map(TableVersion::table).distinct().count() == versions.size();
    }

    /** Heap that it takes, about. */
    long sizeBytes() {
        long bytes = subject.sizeBytes();
        for (TableVersion version : versions) {
            bytes += 2L * (version.hot().length() + version.stored().length()) + 150;
        }
        return bytes;
    }
}
