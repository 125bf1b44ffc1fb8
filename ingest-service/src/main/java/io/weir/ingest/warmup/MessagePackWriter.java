package io.weir.ingest.warmup;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Writes the few MessagePack types that practice needs, texts of at most 31 bytes and values of full width. */
final class MessagePackWriter {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    void map(int entries) {
        head(0xde, entries);
    }

    void array(int items) {
        head(0xdc, items);
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
            put(0xd3, value);
        }
    }

    void number(double value) {
        put(0xcb, Double.doubleToLongBits(value));
    }

    private void head(int type, int size) {
        try {
            out.writeByte(type);
            out.writeShort(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void put(int type, long bits) {
        try {
            out.writeByte(type);
            out.writeLong(bits);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }
}
