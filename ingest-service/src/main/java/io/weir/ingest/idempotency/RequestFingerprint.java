package io.weir.ingest.idempotency;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/**
 * Tells a repeated request from another one that has its key by mistake: the length and two checksums of the body as
 * sent, after the request line. No defence against an attacker, who could only refuse himself. Used by one thread at a
 * time.
 */
public final class RequestFingerprint {

    private final CRC32C first = new CRC32C();
    private final CRC32 second = new CRC32();
    private long bodyBytes;

    RequestFingerprint(String requestLine) {
        byte[] line = requestLine.getBytes(StandardCharsets.UTF_8);
        first.update(line, 0, line.length);
        second.update(line, 0, line.length);
    }

    /** Takes the next bytes of the body. */
    public void update(byte[] bytes, int offset, int length) {
        first.update(bytes, offset, length);
        second.update(bytes, offset, length);
        bodyBytes += length;
    }

    /** Bytes of the body so far. */
    public long bodyBytes() {
        return bodyBytes;
    }

    long value() {
        return first.getValue() << Integer.SIZE | second.getValue();
    }
}
