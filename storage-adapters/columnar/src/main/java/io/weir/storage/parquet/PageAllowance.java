package io.weir.storage.parquet;

import java.io.IOException;

/** How many bytes pages may still unfold to. What headers claim is taken from it before memory is spent. Not thread-safe. */
final class PageAllowance {

    private final long limitBytes;
    private long left;

    /** Nothing is allowed beyond {@code limitBytes} between two calls of {@link #renew}. */
    PageAllowance(long limitBytes) {
        this.limitBytes = limitBytes;
        this.left = limitBytes;
    }

    /** Starts anew, with the next row group. */
    void renew() {
        left = limitBytes;
    }

    void take(int bytes) throws IOException {
        if (bytes < 0 || bytes > left) {
            throw new IOException("the pages of a row group unfold to more than " + limitBytes + " bytes");
        }
        left -= bytes;
    }
}
