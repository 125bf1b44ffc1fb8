package io.weir.query.result.compress;

import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** gzip whose flush lets everything before it be read, at a level that costs about as much as encoding does. */
final class FlushingGzip extends GZIPOutputStream {

    private static final int LEVEL = 3;
    private static final int BUFFER_BYTES = 8 * 1024;

    FlushingGzip(OutputStream out) throws IOException {
        super(out, BUFFER_BYTES, true);
        def.setLevel(LEVEL);
    }
}
