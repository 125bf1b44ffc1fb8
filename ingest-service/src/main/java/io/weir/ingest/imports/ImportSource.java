package io.weir.ingest.imports;

import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import java.io.Closeable;
import java.io.IOException;

/**
 * The file of one import, opened, read piece by piece. From the same place in the same file, and under the same schema, come
 * the same rows, so a piece may be loaded and decoded again. Used by one thread at a time; closing it closes the file.
 */
interface ImportSource extends Closeable {

    /** Where to go on when {@code done} is done already: behind the header, for instance. */
    ImportProgress start(ImportProgress done);

    /** Whether the file has no piece behind that. */
    boolean isDone(ImportProgress at);

    /** Gets the piece that starts there into memory. Blocks. */
    void load(ImportProgress from) throws IOException;

    /** The rows of the piece that was loaded for {@code from}. Does not block. */
    DecodedWrite decode(ImportProgress from, DecodeOptions options);

    /** Where the piece ends that was just decoded. */
    ImportProgress after(ImportProgress from, DecodedWrite rows);
}
