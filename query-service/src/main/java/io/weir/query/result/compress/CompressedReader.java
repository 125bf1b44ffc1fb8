package io.weir.query.result.compress;

import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.ResultReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Compresses what another reader makes of a result, where that is made: on the session's worker. */
public final class CompressedReader implements ResultReader<byte[]> {

    private final ResultReader<byte[]> encoder;
    private final ResultCompressor compressor;
    private boolean ended;

    /** A reader of the same result; {@code compressor} stays the caller's to close. */
    public CompressedReader(ResultReader<byte[]> encoder, ResultCompressor compressor) {
        this.encoder = encoder;
        this.compressor = compressor;
    }

    @Override
    public byte @Nullable [] read(ResultCursor cursor) throws IOException {
        if (ended) {
            return null;
        }
        byte[] chunk = encoder.read(cursor);
        ended = chunk == null;
        return chunk == null ? compressor.finish() : compressor.add(chunk);
    }
}
