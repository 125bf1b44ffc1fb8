package io.weir.storage.duckdb;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Turns a result into what a stream emits: an encoder, usually. Called on the session's worker, once for each element
 * that is asked for; made for one result and used by one thread at a time.
 *
 * @param <T> what the stream emits; the stream's subscriber owns it
 */
@FunctionalInterface
public interface ResultReader<T> {

    /** The next element, made of as many batches as it takes, or null at the end. */
    @Nullable
    T read(ResultCursor cursor) throws IOException;
}
