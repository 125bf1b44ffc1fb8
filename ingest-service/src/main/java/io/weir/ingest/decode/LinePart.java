package io.weir.ingest.decode;

import org.jspecify.annotations.Nullable;

/**
 * What became of one part of a body; see {@link LineProtocolDecoder#endPart}.
 *
 * @param accepted rows it brought
 * @param rejected bad lines in it
 * @param firstError the first of those, its line counted from the start of the part; null when there is none
 */
public record LinePart(
        long accepted, long rejected, @Nullable LineError firstError) {}
