package io.weir.ingest.decode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.Random;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Random MessagePack write requests: most of them sound, each hard in its own way. */
final class RandomMessagePack {

    private static final String[] NAMES = {"host", "region", "usage", "count", "ok", "name", "v", "w", "x", "é日本", "a b"
    };
    private static final long[] LONGS = {
        0,
        1,
        -1,
        31,
        -32,
        -33,
        127,
        128,
        255,
        256,
        65_535,
        65_536,
        1L << 31,
        1L << 32,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -129
    };
    private static final double[] DOUBLES = {0, -0.0, 1, 0.1, -2.5, 1e300, 5e-324, Double.NaN, Double.POSITIVE_INFINITY
    };

    private final Random random;
    private final MessageBufferPacker out = MessagePack.newDefaultBufferPacker();
    private int unsound;

    RandomMessagePack(Random random) {
        this.random = random;
        this.unsound = random.nextInt(3) == 0 ? 12 : 1_000;
    }

    /** One request, perhaps changed at random. */
    byte[] request() {
        try {
            body(1);
            return FuzzBytes.mutate(out.toByteArray(), random, random.nextInt(3) == 0 ? 3 : 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean rarely() {
        return random.nextInt(unsound) == 0;
    }

    private void body(int depth) throws IOException {
        int form = random.nextInt(depth < 4 ? 5 : 2);
        if (form < 2) {
            if (form == 0) {
                columns();
            } else {
                row();
            }
            return;
        }
        if (form == 2) {
            out.packMapHeader(1);
            text("batch");
        }
        int items = random.nextInt(4);
        out.packArrayHeader(items);
        for (; items > 0; items--) {
            body(depth + (form == 2 ? 2 : 1));
        }
    }

    private void columns() throws IOException {
        int rows = random.nextInt(6);
        boolean tags = random.nextBoolean();
        boolean timed = random.nextInt(4) > 0;
        int from = random.nextInt(NAMES.length);
        int names = 1 + random.nextInt(5);
        out.packMapHeader(tags ? 3 : 2);
        measurement();
        if (tags) {
            text("tags");
            if (random.nextInt(6) == 0) {
                out.packNil();
            } else {
                out.packArrayHeader(2);
                text("host");
                text(rarely() ? "usage" : "region");
            }
        }
        text(rarely() ? "column" : "columns");
        out.packMapHeader(names + (timed ? 1 : 0));
        if (timed) {
            text("time");
            out.packArrayHeader(rows);
            int unit = random.nextInt(4);
            for (int row = 0; row < rows; row++) {
                time(unit);
            }
        }
        for (int i = 0; i < names; i++) {
            String name = rarely() ? "host" : NAMES[(from + i) % NAMES.length];
            text(name);
            int count = rarely() ? rows + 1 : rows;
            out.packArrayHeader(count);
            for (; count > 0; count--) {
                value(name, tags);
            }
        }
    }

    private void row() throws IOException {
        boolean tags = random.nextBoolean();
        boolean timed = random.nextInt(4) > 0;
        out.packMapHeader(2 + (tags ? 1 : 0) + (timed ? 1 : 0));
        measurement();
        if (timed) {
            text("t");
            time(rarely() ? random.nextInt(4) : 0);
        }
        if (tags) {
            text("tags");
            int count = random.nextInt(3);
            out.packMapHeader(count);
            for (int i = 0; i < count; i++) {
                text(rarely() ? "usage" : i == 0 ? "host" : "region");
                value("host", true);
            }
        }
        text(random.nextBoolean() ? "fields" : "f");
        int from = 2 + random.nextInt(NAMES.length - 2);
        int count = rarely() ? 0 : 1 + random.nextInt(4);
        out.packMapHeader(count);
        for (int i = 0; i < count; i++) {
            String name = rarely() ? "host" : NAMES[2 + (from + i) % (NAMES.length - 2)];
            text(name);
            value(name, false);
        }
    }

    private void measurement() throws IOException {
        text("m");
        text(rarely() ? "_m" : random.nextBoolean() ? "cpu" : "mem");
    }

    private void value(String name, boolean tags) throws IOException {
        if (rarely()) {
            anything();
        } else if (random.nextInt(6) == 0) {
            out.packNil();
        } else {
            switch (name) {
                case "host", "region" -> text(random.nextInt(8) == 0 ? "" : "h" + random.nextInt(3));
                case "usage" -> number();
                case "count" -> integer(rarely() ? -1 : 1);
                case "ok" -> out.packBoolean(random.nextBoolean());
                case "name" -> text("some text é " + random.nextInt(9));
                case "v" -> integer(random.nextBoolean() ? 1 : -1);
                case "w" -> out.packFloat(random.nextFloat());
                default -> number();
            }
        }
    }

    private void number() throws IOException {
        if (random.nextBoolean()) {
            out.packDouble(random.nextBoolean() ? random.nextGaussian() : DOUBLES[random.nextInt(DOUBLES.length)]);
        } else {
            integer(1);
        }
    }

    private void integer(int sign) throws IOException {
        if (random.nextInt(30) == 0 && sign > 0) {
            out.packBigInteger(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.valueOf(1 + random.nextInt(4_000))));
        } else {
            long value = LONGS[random.nextInt(LONGS.length)];
            out.packLong(sign > 0 ? value & Long.MAX_VALUE : value);
        }
    }

    private void time(int unit) throws IOException {
        long seconds = 1_700_000_000L + random.nextInt(1_000);
        switch (rarely() ? random.nextInt(12) : random.nextInt(8)) {
            case 0 -> out.packNil();
            case 1 -> out.packTimestamp(seconds, random.nextInt(1_000_000_000));
            case 2 -> out.packTimestamp(seconds, 0);
            case 3 -> out.packTimestamp(-seconds, random.nextInt(1_000_000_000));
            case 4 -> out.packLong(0);
            case 8 -> out.packLong(Long.MAX_VALUE);
            case 9 -> out.packTimestamp(9_223_372_036L - random.nextInt(3), 999_999_999);
            case 10 -> out.packTimestamp(-9_223_372_037L + random.nextInt(3), 1);
            case 11 -> anything();
            default -> out.packLong(seconds * (long) Math.pow(1_000, unit));
        }
    }

    private void anything() throws IOException {
        switch (random.nextInt(7)) {
            case 0 -> out.packDouble(1.5);
            case 1 -> out.packBoolean(true);
            case 2 -> text("x");
            case 3 -> out.packArrayHeader(0);
            case 4 -> out.packMapHeader(0);
            case 5 -> {
                out.packExtensionTypeHeader((byte) random.nextInt(3), 2);
                out.writePayload(new byte[2]);
            }
            default -> {
                out.packBinaryHeader(2);
                out.writePayload(new byte[] {(byte) random.nextInt(256), 'b'});
            }
        }
    }

    private void text(String text) throws IOException {
        if (random.nextInt(12) == 0) {
            byte[] utf8 = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            out.packBinaryHeader(utf8.length);
            out.writePayload(utf8);
        } else {
            out.packString(text);
        }
    }
}
