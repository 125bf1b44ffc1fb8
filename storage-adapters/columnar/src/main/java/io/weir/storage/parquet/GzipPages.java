package io.weir.storage.parquet;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;

/** Inflates gzip pages, which other writers make and we do not. */
final class GzipPages {

    private static final int BUFFER_BYTES = 8 << 10;

    private GzipPages() {}

    /** Fills {@code bytes}. @return bytes the page holds; more than {@code bytes.length} says only that there are more */
    static int inflate(byte[] compressed, byte[] bytes) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(compressed), BUFFER_BYTES)) {
            int length = in.readNBytes(bytes, 0, bytes.length);
            return length == bytes.length && in.read() >= 0 ? length + 1 : length;
        }
    }
}
