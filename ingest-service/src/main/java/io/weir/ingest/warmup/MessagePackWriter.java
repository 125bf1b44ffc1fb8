package io.weir.ingest.warmup;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes the few MessagePack types that practice needs, texts of at most 31 bytes and values of full width. */
final class MessagePackWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    void map(int entries) {
        put(0xde, entries, Short.BYTES);
    }

    void array(int items) {
        put(0xdc, items, Short.BYTES);
    }

    void text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes.write(0xa0 | utf8.length);
        bytes.writeBytes(utf8);
    }

    void number(long value) {
        if (value >= 0 && value < 128) {
            bytes.write((int) value);
        } else {
            put(0xd3, value, Long.BYTES);
        }
    }

    void number(double value) {
        put(0xcb, Double.doubleToLongBits(value), Long.BYTES);
    }

    /** A type and, behind it, that many bytes of a number, the highest first. */
    private void put(int type, long bits, int width) {
        bytes.write(type);
        for (int shift = Byte.SIZE * (width - 1); shift >= 0; shift -= Byte.SIZE) {
            bytes.write((int) (bits >>> shift));
        }
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
