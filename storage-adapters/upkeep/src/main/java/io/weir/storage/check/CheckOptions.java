package io.weir.storage.check;

import java.time.Duration;

/**
 * What a check looks at, and what it does about it.
 *
 * @param grace age below which a file that the catalog does not know may still be committed
 * @param checksums whether objects that the store keeps a checksum of are read whole and compared with it
 * @param repair whether orphans are removed
 * @param dropMissing whether a repair drops files that the store lost from the catalog
 */
public record CheckOptions(Duration grace, boolean checksums, boolean repair, boolean dropMissing) {}
