package io.weir.query.result;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.jspecify.annotations.Nullable;

/** MessagePack (specification of 2017, with its timestamps), each value in its shortest form. */
final class MsgpackBytes extends OutputBytes {

    private static final long TWO_TO_32 = 1L << 32;
    private static final long TWO_TO_34 = 1L << 34;

    MsgpackBytes(int capacity) {
        super(capacity);
    }

    void nil() {
        raw((byte) 0xc0);
    }

    void bool(boolean value) {
        raw((byte) (value ? 0xc3 : 0xc2));
    }

    void integer(long value) {
        if (value >= 0) {
            unsigned(value);
        } else if (value >= -32) {
            raw((byte) value);
        } else if (value >= Byte.MIN_VALUE) {
            tagged(0xd0, value, 1);
        } else if (value >= Short.MIN_VALUE) {
            tagged(0xd1, value, 2);
        } else if (value >= Integer.MIN_VALUE) {
            tagged(0xd2, value, 4);
        } else {
            tagged(0xd3, value, 8);
        }
    }

    /** An integer of 64 bits without sign. */
    void unsigned(long value) {
        if (value < 0 || value >= TWO_TO_32) {
            tagged(0xcf, value, 8);
        } else if (value < 0x80) {
            raw((byte) value);
        } else if (value < 0x100) {
            tagged(0xcc, value, 1);
        } else if (value < 0x1_0000) {
            tagged(0xcd, value, 2);
        } else {
            tagged(0xce, value, 4);
        }
    }

    /** An integer where it fits 64 bits, with or without sign, else its digits as a string. */
    void integer(BigInteger value) {
        if (value.bitLength() < 64) {
            integer(value.longValue());
        } else if (value.signum() > 0 && value.bitLength() == 64) {
            unsigned(value.longValue());
        } else {
            string(value.toString());
        }
    }

    void float64(double value) {
        tagged(0xcb, Double.doubleToRawLongBits(value), 8);
    }

    void float32(float value) {
        tagged(0xca, Float.floatToRawIntBits(value), 4);
    }

    void string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        stringHeader(utf8.length);
        raw(utf8);
    }

    /** The string in {@code [from, to)} of a buffer of the engine. */
    void string(ArrowBuf buffer, long from, long to) {
        int length = Math.toIntExact(to - from);
        stringHeader(length);
        ensure(length);
        buffer.getBytes(from, bytes, size, length);
        size += length;
    }

    /** The ASCII text in {@code [from, to)} of {@code text}. */
    void string(byte[] text, int from, int to) {
        stringHeader(to - from);
        raw(text, from, to - from);
    }

    private void stringHeader(int length) {
        if (length < 32) {
            raw((byte) (0xa0 | length));
        } else {
            header(length, 0xd9, 0xda, 0xdb);
        }
    }

    void binary(byte[] value) {
        header(value.length, 0xc4, 0xc5, 0xc6);
        raw(value);
    }

    /** The head of an array; its {@code length} values follow. */
    void array(int length) {
        if (length < 16) {
            raw((byte) (0x90 | length));
        } else {
            header(length, -1, 0xdc, 0xdd);
        }
    }

    /** The head of a map; its {@code length} keys follow, a value behind each. */
    void map(int length) {
        if (length < 16) {
            raw((byte) (0x80 | length));
        } else {
            header(length, -1, 0xde, 0xdf);
        }
    }

    private void header(int length, int tag8, int tag16, int tag32) {
        if (length < 0x100 && tag8 >= 0) {
            tagged(tag8, length, 1);
        } else if (length < 0x1_0000) {
            tagged(tag16, length, 2);
        } else {
            tagged(tag32, length, 4);
        }
    }

    /** A timestamp, extension type -1. */
    void timestamp(long seconds, int nanos) {
        if (seconds >= 0 && seconds < TWO_TO_32 && nanos == 0) {
            tagged(0xd6, 0xff, 1);
            bigEndian(seconds, 4);
        } else if (seconds >= 0 && seconds < TWO_TO_34) {
            tagged(0xd7, 0xff, 1);
            bigEndian(((long) nanos << 34) | seconds, 8);
        } else {
            tagged(0xc7, 12, 1);
            raw((byte) 0xff);
            bigEndian(nanos, 4);
            bigEndian(seconds, 8);
        }
    }

    /** A value of JSON's kinds: null, Boolean, Number, a collection, a map with strings as keys; the text of anything else. */
    void any(@Nullable Object value) {
        if (value == null) {
            nil();
        } else if (value instanceof Boolean bool) {
            bool(bool);
        } else if (value instanceof Double || value instanceof Float || value instanceof BigDecimal) {
            float64(((Number) value).doubleValue());
        } else if (value instanceof BigInteger big) {
            integer(big);
        } else if (value instanceof Number number) {
            integer(number.longValue());
        } else if (value instanceof Collection<?> values) {
            array(values.size());
            values.forEach(this::any);
        } else if (value instanceof Map<?, ?> members) {
            map(members.size());
            members.forEach((name, member) -> {
                string(String.valueOf(name));
                any(member);
            });
        } else {
            string(value.toString());
        }
    }

    private void tagged(int tag, long value, int width) {
        raw((byte) tag);
        bigEndian(value, width);
    }

    private void bigEndian(long value, int width) {
        ensure(width);
        for (int shift = 8 * (width - 1); shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (value >> shift);
        }
    }
}
