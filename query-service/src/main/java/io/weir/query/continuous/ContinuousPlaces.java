package io.weir.query.continuous;

import java.nio.file.Path;

/**
 * Where windows are written.
 *
 * @param work directory of files that are being written, which a start empties
 * @param keyPrefix operator's prefix of object keys, may be empty
 */
public record ContinuousPlaces(Path work, String keyPrefix) {}
