package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.ResultReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The frame of an encoder: gathers bytes of the result, gives them out in chunks, and goes on where it stopped when it is
 * asked again. Chunks are plain arrays, so that one that is dropped on its way, as on a cancel, is nobody's leak. Between
 * two calls it holds nothing of the engine's. Used by one thread at a time.
 *
 * @param <B> what the bytes are gathered in
 */
abstract class ResultEncoder<B extends OutputBytes> implements ResultReader<byte[]> {

    /** Bytes of a chunk, more or less: enough to be worth a write, little enough to wait for. */
    static final int CHUNK_BYTES = 32 * 1024;

    /** Capacity of an encoder's bytes, so that one row over the limit seldom makes them grow. */
    static final int CAPACITY = CHUNK_BYTES + CHUNK_BYTES / 4;

    final RowLimit limit;
    final B out;
    private int given;
    private boolean begun;
    private boolean started;
    private boolean ended;

    ResultEncoder(RowLimit limit, B out) {
        this.limit = limit;
        this.out = out;
    }

    /** Writes what comes before the rows. */
    abstract void begin(ResultCursor cursor) throws IOException;

    /** Writes a few rows, or what comes after them; false when the result is complete. */
    abstract boolean more(ResultCursor cursor) throws IOException;

    /** Whether bytes are given out before the engine is asked for more, however few. */
    abstract boolean eager();

    /** Whether what {@link #more} writes may be cut where a chunk is full. */
    abstract boolean divisible();

    @Override
    public byte @Nullable [] read(ResultCursor cursor) throws IOException {
        if (!begun) {
            begun = true;
            ResultTypes.requireForms(cursor);
            begin(cursor);
        }
        while (!ended && out.size() - given < chunkBytes()) {
            if (started && eager() && given < out.size() && !hasRows()) {
                break; // but nothing leaves before the engine has begun well
            }
            ended = !more(cursor);
            started = true;
        }
        return given == out.size() ? null : chunk();
    }

    /** Bytes from which on they are given out as a chunk; a divisible result has no larger one. */
    int chunkBytes() {
        return CHUNK_BYTES;
    }

    /** Whether the next rows are there without the engine. */
    boolean hasRows() {
        return false;
    }

    private byte[] chunk() {
        int end = divisible() ? Math.min(out.size(), given + chunkBytes()) : out.size();
        limit.takeBytes(end - given);
        byte[] chunk = out.copy(given, end);
        given = end;
        if (given == out.size()) {
            out.clear();
            given = 0;
        }
        return chunk;
    }
}
