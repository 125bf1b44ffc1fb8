package io.weir.ingest.wal;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.ColumnType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Column batches of every shape from a seed: arrays longer than needed, sparse fields, extreme values, odd names. */
final class RandomBatches {

    private static final String[] WORDS = {"", "a", "eu-west", "ü", "日本", "😀 smile", "with \"quotes\"", "x".repeat(300)
    };

    private final Random random;

    RandomBatches(long seed) {
        random = new Random(seed);
    }

    /** The smallest batch that carries a number. */
    static ColumnBatch numbered(long number) {
        return numbered("m", number);
    }

    static ColumnBatch numbered(String measurement, long number) {
        return new ColumnBatch(
                measurement,
                1,
                new long[] {1_700_000_000_000_000L},
                null,
                new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                new int[1],
                List.of(new LongColumn("id", ColumnType.INT64, new long[] {number}, null)));
    }

    /** The number of a {@link #numbered} batch. */
    static long numberOf(ColumnBatch batch) {
        return ((LongColumn) batch.fields().get(0)).values()[0];
    }

    /** A numbered batch of at least that many encoded bytes. */
    static ColumnBatch numberedOfSize(long number, int bytes) {
        byte[] content = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            content[i] = (byte) ('a' + i % 26);
        }
        return new ColumnBatch(
                "m",
                1,
                new long[] {1_700_000_000_000_000L},
                null,
                new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                new int[1],
                List.of(
                        new LongColumn("id", ColumnType.INT64, new long[] {number}, null),
                        new StringColumn("text", new int[] {0, bytes}, content, null)));
    }

    ColumnBatch next() {
        int rows = random.nextInt(10) == 0 ? 4_000 + random.nextInt(5_000) : 1 + random.nextInt(130);
        int spare = random.nextInt(3);
        long[] times = longs(rows + spare);
        short[] nanos = random.nextBoolean() ? null : nanos(rows + spare);
        SeriesTable series = series(1 + random.nextInt(20));
        int[] seriesOfRow = new int[rows + spare];
        for (int i = 0; i < rows; i++) {
            seriesOfRow[i] = random.nextInt(series.size());
        }
        List<FieldColumn> fields = new ArrayList<>();
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            fields.add(field("field " + i + "é", rows, rows + spare));
        }
        return new ColumnBatch("measurement ü", rows, times, nanos, series, seriesOfRow, fields);
    }

    private SeriesTable series(int size) {
        int tags = random.nextInt(4);
        List<String> names = new ArrayList<>();
        int[][] codes = new int[tags][];
        Utf8Dictionary[] dictionaries = new Utf8Dictionary[tags];
        for (int tag = 0; tag < tags; tag++) {
            names.add("tag" + tag);
            String[] words = new String[random.nextInt(tag == 0 ? 400 : 4)];
            for (int i = 0; i < words.length; i++) {
                words[i] = WORDS[random.nextInt(WORDS.length)] + i;
            }
            dictionaries[tag] = Utf8Dictionary.of(words);
            codes[tag] = new int[size + random.nextInt(3)];
            for (int i = 0; i < size; i++) {
                codes[tag][i] = random.nextInt(words.length + 1) - 1;
            }
        }
        return new SeriesTable(size, names, codes, dictionaries);
    }

    private FieldColumn field(String name, int rows, int room) {
        long[] validity = random.nextBoolean() ? null : validity(rows);
        return switch (random.nextInt(5)) {
            case 0 -> new LongColumn(name, ColumnType.INT64, longs(room), validity);
            case 1 -> new LongColumn(name, ColumnType.UINT64, longs(room), validity);
            case 2 -> new DoubleColumn(name, doubles(room), validity);
            case 3 -> new BooleanColumn(name, words(room), validity);
            default -> random.nextBoolean() ? strings(name, rows, validity) : coded(name, rows, validity);
        };
    }

    private StringColumn coded(String name, int rows, long @Nullable [] validity) {
        Utf8Dictionary texts = Utf8Dictionary.of(WORDS);
        int[] codes = new int[rows + random.nextInt(3)];
        for (int i = 0; i < codes.length; i++) {
            codes[i] = random.nextInt(texts.size());
        }
        return new StringColumn(name, texts, codes, validity);
    }

    private StringColumn strings(String name, int rows, long @Nullable [] validity) {
        int start = random.nextInt(4);
        StringBuilder text = new StringBuilder("#".repeat(start));
        int[] offsets = new int[rows + 1 + random.nextInt(3)];
        offsets[0] = start;
        int at = start;
        for (int i = 0; i < rows; i++) {
            if (validity == null || Bits.get(validity, i)) {
                String word = WORDS[random.nextInt(WORDS.length)];
                text.append(word);
                at += word.getBytes(StandardCharsets.UTF_8).length;
            }
            offsets[i + 1] = at;
        }
        return new StringColumn(
                name, offsets, text.append("tail").toString().getBytes(StandardCharsets.UTF_8), validity);
    }

    private long[] validity(int rows) {
        long[] words = words(rows);
        Bits.set(words, random.nextInt(rows));
        return words;
    }

    private long[] words(int bits) {
        long[] words = new long[Bits.words(bits) + random.nextInt(2)];
        int density = random.nextInt(4);
        for (int i = 0; i < words.length; i++) {
            words[i] = random.nextLong();
            for (int n = 0; n < density; n++) {
                words[i] &= random.nextLong();
            }
        }
        return words;
    }

    private long[] longs(int count) {
        long base = random.nextBoolean() ? random.nextLong() : random.nextInt(1000);
        int bits = random.nextInt(65);
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = base + (bits == 0 ? 0 : random.nextLong() >>> (64 - bits));
        }
        if (random.nextInt(8) == 0) {
            values[random.nextInt(count)] = random.nextBoolean() ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return values;
    }

    private double[] doubles(int count) {
        double[] special = {Double.NaN, -0.0, Double.MIN_VALUE, Double.POSITIVE_INFINITY, 0.1};
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextInt(4) == 0
                    ? special[random.nextInt(special.length)]
                    : Double.longBitsToDouble(random.nextLong());
        }
        return values;
    }

    private short[] nanos(int count) {
        short[] nanos = new short[count];
        for (int i = 0; i < count; i++) {
            nanos[i] = (short) random.nextInt(1000);
        }
        return nanos;
    }
}
