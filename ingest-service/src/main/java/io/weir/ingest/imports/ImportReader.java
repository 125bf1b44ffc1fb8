package io.weir.ingest.imports;

import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;

/** Reads one file, piece by piece. The same bytes give the same pieces, and under the same schema the same rows. */
interface ImportReader {

    /** Bytes before the first row. */
    int headerBytes();

    /** End of the last whole row in {@code buffer[0, bytes)}, more of the file following; 0 when there is none. */
    int rowsEnd(byte[] buffer, int bytes);

    /** The rows of {@code buffer[0, bytes)}, whose first line is that line of the file. */
    DecodedWrite decode(byte[] buffer, int bytes, DecodeOptions options, int firstLine);
}
