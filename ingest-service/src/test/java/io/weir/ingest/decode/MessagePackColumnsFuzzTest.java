package io.weir.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.WeirException;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Columnar bodies of random values, in every encoding a value can have, against the values themselves. */
class MessagePackColumnsFuzzTest {

    private static final String[] TEXTS = {
        "", "a", "region", "eu-west-1", "Zürich", "日本語の長い文字列", "x".repeat(31), "y".repeat(40)
    };
    private static final int KINDS = 7;

    @Test
    void columnsHoldExactlyTheValuesSent() throws IOException {
        long seed = System.nanoTime();
        for (int i = 0; i < 4_000; i++) {
            Random random = new Random(seed + i);
            int rows = 1 + random.nextInt(random.nextInt(8) == 0 ? 300 : 40);
            List<DecodedRow> expected = new ArrayList<>();
            byte[] body = body(random, rows, expected);
            AtomicLong charged = new AtomicLong();
            DecodedWrite write = decode(body, random, charged);
            assertThat(DecodedRow.of(write.batches().get(0)))
                    .as("seed %d", seed + i)
                    .isEqualTo(expected);
            assertThat(charged)
                    .as("seed %d", seed + i)
                    .hasValue(write.batches().get(0).sizeBytes());
        }
    }

    @Test
    void brokenBodiesAreRefusedOrUnderstoodButNeverMore() throws IOException {
        long seed = System.nanoTime();
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            Random random = new Random(seed + i);
            byte[] body = body(random, 1 + random.nextInt(20), new ArrayList<>());
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            try {
                DecodedWrite write = decode(body, random, new AtomicLong());
                long rows = write.batches().stream()
                        .mapToLong(batch -> DecodedRow.of(batch).size())
                        .sum();
                assertThat(rows).as("seed %d", seed + i).isEqualTo(write.acceptedRows());
            } catch (WeirException e) {
                refused++;
                assertThat(e.getMessage()).as("seed %d", seed + i).contains(" at byte ");
            }
        }
        assertThat(refused).isBetween(1_000, 19_999);
    }

    private static DecodedWrite decode(byte[] body, Random random, AtomicLong charged) {
        MessagePackDecoder decoder = new MessagePackDecoder(DecodeOptions.of(Precision.NANOSECOND, 7)
                .withMemory(charged::addAndGet)
                .withBodyBytes(random.nextInt(3) == 0 ? random.nextInt(5_000) : body.length));
        int cut = random.nextInt(body.length);
        decoder.feed(body, 0, cut);
        decoder.feed(body, cut, body.length - cut);
        return decoder.finish();
    }

    private static byte[] body(Random random, int rows, List<DecodedRow> expected) throws IOException {
        for (int row = 0; row < rows; row++) {
            expected.add(new DecodedRow("m", new TreeMap<>(), new TreeMap<>(), 1_000_000_007L * row));
        }
        int tags = random.nextInt(4);
        int fields = 1 + random.nextInt(5);
        MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();
        packer.packMapHeader(3).packString("m").packString("m");
        packer.packString("tags").packArrayHeader(tags);
        for (int tag = 0; tag < tags; tag++) {
            packer.packString("t" + tag);
        }
        packer.packString("columns").packMapHeader(1 + tags + fields);
        packer.packString("time").packArrayHeader(rows);
        for (DecodedRow row : expected) {
            packer.packLong(row.timeNanos());
        }
        for (int tag = 0; tag < tags; tag++) {
            packer.packString("t" + tag).packArrayHeader(rows);
            int period = 1 + random.nextInt(9);
            for (int row = 0; row < rows; row++) {
                boolean again = row >= period && random.nextInt(8) > 0;
                String text = again
                        ? expected.get(row - period).tags().getOrDefault("t" + tag, "")
                        : TEXTS[random.nextInt(TEXTS.length)];
                text(packer, random, text.isEmpty() && random.nextBoolean() ? null : text);
                if (!text.isEmpty()) {
                    expected.get(row).tags().put("t" + tag, text);
                }
            }
        }
        for (int field = 0; field < fields; field++) {
            packer.packString("f" + field).packArrayHeader(rows);
            int kind = random.nextInt(KINDS);
            boolean sparse = random.nextBoolean();
            for (int row = 0; row < rows; row++) {
                Object value = sparse && (random.nextInt(4) == 0) && field > 0 ? null : value(random, kind);
                pack(packer, random, value);
                if (value != null) {
                    expected.get(row).fields().put("f" + field, value);
                }
            }
        }
        return packer.toByteArray();
    }

    private static Object value(Random random, int kind) {
        return switch (kind) {
            case 0 -> (long) random.nextInt(128);
            case 1 -> random.nextLong() >> random.nextInt(64);
            case 2 -> BigInteger.ONE.shiftLeft(63).add(BigInteger.valueOf(random.nextInt(1_000)));
            case 3 -> random.nextGaussian();
            case 4 -> (double) random.nextFloat();
            case 5 -> random.nextBoolean();
            default -> TEXTS[random.nextInt(TEXTS.length)];
        };
    }

    private static void pack(MessageBufferPacker packer, Random random, Object value) throws IOException {
        if (value instanceof Long number) {
            packer.packLong(number);
        } else if (value instanceof BigInteger number) {
            packer.packBigInteger(number);
        } else if (value instanceof Double number && number == number.floatValue() && random.nextBoolean()) {
            packer.packFloat(number.floatValue());
        } else if (value instanceof Double number) {
            packer.packDouble(number);
        } else if (value instanceof Boolean flag) {
            packer.packBoolean(flag);
        } else {
            text(packer, random, (String) value);
        }
    }

    private static void text(MessageBufferPacker packer, Random random, String text) throws IOException {
        if (text == null) {
            packer.packNil();
        } else if (random.nextInt(6) == 0) {
            byte[] utf8 = Objects.requireNonNull(text).getBytes(java.nio.charset.StandardCharsets.UTF_8);
            packer.packBinaryHeader(utf8.length).writePayload(utf8);
        } else {
            packer.packString(text);
        }
    }
}
