package io.weir.ingest.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * What became of the payload of one message.
 *
 * @param rows rows it brought
 * @param reason what was wrong with the first of those it should have brought besides; null when nothing was
 */
record Decoded(long rows, @Nullable String reason) {}
