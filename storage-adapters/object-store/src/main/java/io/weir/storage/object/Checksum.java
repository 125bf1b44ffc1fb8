package io.weir.storage.object;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC-32C (RFC 3720, appendix B.4) of an object's content.
 *
 * @param value the 32 bits
 */
public record Checksum(int value) {

    /** The checksum of what a running one has seen. */
    public static Checksum of(CRC32C running) {
        return new Checksum((int) running.getValue());
    }

    /** Of those bytes, whose position stays. */
    public static Checksum of(ByteBuffer content) {
        CRC32C crc = new CRC32C();
        crc.update(content.duplicate());
        return of(crc);
    }

    /** From what {@link #text} gave. */
    public static Checksum parse(String text) {
        return new Checksum(Integer.parseUnsignedInt(text, 16));
    }

    /** Eight hexadecimal digits. */
    public String text() {
        return String.format("%08x", value);
    }

    @Override
    public String toString() {
        return text();
    }
}
