package io.weir.query.cache;

import io.weir.query.engine.Query;
import io.weir.query.result.NumberForm;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.result.compress.ResultCompression;
import io.weir.query.result.compress.ResultCompressor;
import io.weir.storage.duckdb.ResultReader;
import org.jspecify.annotations.Nullable;

/**
 * A query and how its result is sent, for whoever may run it or spare the run.
 *
 * @param query the query
 * @param format of its result
 * @param numbers how JSON shows numbers
 * @param compression of the bytes sent
 * @param limit counts the rows of the run
 * @param reader makes the bytes of the run
 * @param compressor what the reader compresses with; null without compression
 * @param bypass whether it is to be run whatever is kept
 */
public record CacheRequest(
        Query query,
        ResultFormat format,
        NumberForm numbers,
        ResultCompression compression,
        RowLimit limit,
        ResultReader<byte[]> reader,
        @Nullable ResultCompressor compressor,
        boolean bypass) {

    String organisation() {
        return query.organisation();
    }

    /** What is asked, by the text of the statement. */
    CacheSubject subject() {
        return new CacheSubject(
                organisation(),
                query.database(),
                query.sql(),
                query.parameters(),
                format,
                numbers,
                limit.wanted(),
                compression);
    }
}
