package io.weir.query.cursor;

import io.weir.query.result.ResultFormat;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * One page of a result.
 *
 * @param format of its bytes
 * @param rows rows on it
 * @param truncated whether rows behind it were cut off
 * @param next what the next page is asked for with; null behind the last one
 * @param raw its bytes, a block at a time
 * @param packed the same, compressed by Zstandard
 */
public record Page(
        ResultFormat format,
        long rows,
        boolean truncated,
        @Nullable String next,
        Flux<byte[]> raw,
        Flux<byte[]> packed) {}
