package io.weir.ingest.wal;

import java.io.IOException;

/**
 * The bytes of a {@link WriteKey} in a frame: text, 8 bytes each for time written, expiry, body
 * length and fingerprint, outcome.
 * Text and outcome are written as names are.
 */
final class WriteKeyCodec {

    private static final int FIXED_BYTES = 4 * Long.BYTES;

    private WriteKeyCodec() {}

    /** Bytes {@link #write} puts. Fails when a text is too long to be read back. */
    static long bytes(WriteKey key) throws WalFormatException {
        return WalBatchEncoder.nameBytes(key.text()) + FIXED_BYTES + WalBatchEncoder.nameBytes(key.outcome());
    }

    static void write(WriteKey key, FrameOutput out) throws IOException {
        WalBatchEncoder.writeName(key.text(), out);
        out.room(FIXED_BYTES)
                .putLong(key.writtenMillis())
                .putLong(key.expiresMillis())
                .putLong(key.bodyBytes())
                .putLong(key.fingerprint());
        WalBatchEncoder.writeName(key.outcome(), out);
    }

    static WriteKey read(WalCursor in) throws WalFormatException {
        String text = in.name("key");
        long writtenMillis = in.int64("time of the key");
        long expiresMillis = in.int64("expiry of the key");
        long bodyBytes = in.int64("body length of the key");
        long fingerprint = in.int64("fingerprint of the key");
        return new WriteKey(text, writtenMillis, expiresMillis, bodyBytes, fingerprint, in.name("outcome of the key"));
    }
}
