package io.weir.ingest.decode.arrow;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** A random stream from a seed: any columns in any order, nulls, dictionaries that grow and change, odd framing. */
final class RandomStream {

    private static final String[] WORDS = {
        "", "a", "eu-west", "ü", "日本", "😀 smile", "server_0001", "a text of more than twelve bytes", "x".repeat(70)
    };
    private static final ArrowType[] TEXTS = {Vectors.UTF8, Vectors.LARGE_UTF8, Vectors.UTF8_VIEW};
    private static final ArrowType[] VALUES = {
        Vectors.integer(8, true),
        Vectors.integer(16, true),
        Vectors.integer(32, true),
        Vectors.integer(64, true),
        Vectors.integer(8, false),
        Vectors.integer(16, false),
        Vectors.integer(32, false),
        Vectors.integer(64, false),
        Vectors.FLOAT16,
        Vectors.FLOAT32,
        Vectors.FLOAT64,
        Vectors.FLOAT64,
        Vectors.BOOL,
        Vectors.UTF8,
        Vectors.LARGE_UTF8,
        Vectors.UTF8_VIEW,
        Vectors.NULL
    };

    /** What one column holds; {@code dictionary} is -1 for plain values. */
    private record Plan(Field field, ArrowType values, int dictionary, double nulls, boolean runs) {}

    final byte[] bytes;
    final Set<String> tags = new LinkedHashSet<>();
    final MeasurementSchema stored;
    private final Random random;
    private final List<Plan> plans = new ArrayList<>();
    private final List<ArrowType> dictionaries = new ArrayList<>();
    private final int[] sizes = new int[8];
    private final long timeBase;

    RandomStream(Random random) {
        this.random = random;
        List<Column> known = new ArrayList<>();
        long[] bases = {0, 1_700_000_000L, 1_700_000_000_000L, -5_000_000_000_000_000L, 1_700_000_000_123_456_789L};
        timeBase = bases[random.nextInt(bases.length)];
        if (random.nextInt(5) > 0) {
            ArrowType type = timeType();
            plans.add(new Plan(
                    TestStream.field("time", type), type, -1, random.nextInt(60) == 0 ? 0.1 : 0, random.nextBoolean()));
        }
        for (int i = random.nextInt(5); i > 0; i--) {
            tag("t" + i, known);
        }
        for (int i = 1 + random.nextInt(5); i > 0; i--) {
            value("f" + i, known);
        }
        Collections.shuffle(plans, random);
        stored = MeasurementSchema.of(known, false);
        bytes = write();
    }

    private ArrowType timeType() {
        return switch (random.nextInt(4)) {
            case 0 -> Vectors.integer(64, true);
            case 1 -> Vectors.DATE64;
            default ->
                Vectors.timestamp(
                        TimeUnit.values()[random.nextInt(4)], random.nextBoolean() ? null : "America/New_York");
        };
    }

    private void tag(String name, List<Column> known) {
        ArrowType type = TEXTS[random.nextInt(TEXTS.length)];
        double nulls = random.nextBoolean() ? 0 : random.nextDouble();
        if (random.nextInt(4) == 0) {
            if (random.nextBoolean()) {
                tags.add(name);
            } else {
                known.add(new Column(name, ColumnType.TAG));
            }
            plans.add(new Plan(TestStream.field(name, type), type, -1, nulls, random.nextBoolean()));
            return;
        }
        int id = random.nextInt(4) == 0 && !dictionaries.isEmpty()
                ? random.nextInt(dictionaries.size())
                : dictionaries.size();
        if (id == dictionaries.size()) {
            dictionaries.add(type);
        }
        ArrowType.Int index = Vectors.integer(8 << random.nextInt(4), random.nextBoolean());
        Field field = TestStream.dictionaryField(name, dictionaries.get(id), id, index);
        plans.add(new Plan(field, index, id, nulls, random.nextBoolean()));
    }

    private void value(String name, List<Column> known) {
        ArrowType type = VALUES[random.nextInt(VALUES.length)];
        double nulls = random.nextInt(3) > 0 ? 0 : random.nextInt(5) == 0 ? 1 : random.nextDouble();
        plans.add(new Plan(TestStream.field(name, type), type, -1, nulls, false));
        if (random.nextInt(4) == 0) {
            boolean whole = type instanceof ArrowType.Int || type instanceof ArrowType.FloatingPoint;
            ColumnType[] types = ColumnType.values();
            known.add(new Column(
                    name,
                    whole && random.nextInt(6) > 0 ? ColumnType.FLOAT64 : types[1 + random.nextInt(types.length - 1)]));
        }
    }

    private byte[] write() {
        // LZ4 rarely: the compressor of the tests takes longer than all else together.
        CodecType codec = random.nextInt(400) == 0
                ? CodecType.LZ4_FRAME
                : random.nextInt(8) == 0 ? CodecType.ZSTD : CodecType.NO_COMPRESSION;
        TestStream stream = new TestStream(random.nextInt(6) == 0, codec);
        stream.schema(plans.stream().map(Plan::field).toArray(Field[]::new));
        int batches = random.nextInt(4) + (random.nextInt(20) == 0 ? 0 : 1);
        for (int batch = 0; batch < batches; batch++) {
            for (int id = 0; id < dictionaries.size(); id++) {
                if (batch == 0 || random.nextInt(3) == 0) {
                    // Not onto nothing: Arrow's own reader cannot append to an empty dictionary.
                    dictionary(stream, id, sizes[id] > 0 && random.nextBoolean());
                }
            }
            int rows = random.nextInt(6) == 0 ? 0 : 1 + random.nextInt(random.nextInt(6) == 0 ? 150 : 12);
            List<FieldVector> columns = new ArrayList<>();
            for (Plan plan : plans) {
                columns.add(column(plan, rows));
            }
            stream.batch(rows, columns);
            columns.forEach(FieldVector::close);
        }
        return random.nextBoolean() ? stream.end() : stream.bytes();
    }

    private void dictionary(TestStream stream, int id, boolean delta) {
        int count = random.nextInt(8) == 0 && !delta ? 0 : 1 + random.nextInt(6);
        Object[] words = new Object[count];
        for (int i = 0; i < count; i++) {
            words[i] = random.nextInt(12) == 0 ? null : WORDS[random.nextInt(WORDS.length)];
        }
        try (FieldVector values = Vectors.of("values", dictionaries.get(id), words)) {
            stream.dictionary(id, values, delta);
        }
        sizes[id] = delta ? sizes[id] + count : count;
    }

    private FieldVector column(Plan plan, int rows) {
        Object[] values = new Object[rows];
        Object last = null;
        for (int row = 0; row < rows; row++) {
            boolean isTime = plan.field.getName().equals("time");
            if (random.nextDouble() < plan.nulls || plan.values.equals(Vectors.NULL)) {
                values[row] = null;
            } else if (plan.runs && last != null && random.nextInt(3) > 0) {
                values[row] = last;
            } else if (plan.dictionary >= 0) {
                int size = sizes[plan.dictionary];
                values[row] = size == 0 ? null : random.nextInt(size);
                if (random.nextInt(5_000) == 0) {
                    values[row] = size + random.nextInt(3);
                }
            } else {
                values[row] = isTime ? time(plan.values) : value(plan.values);
            }
            last = values[row];
        }
        return Vectors.of(plan.field.getName(), plan.values, values);
    }

    private Object time(ArrowType type) {
        if (random.nextInt(3_000) == 0) {
            return random.nextLong();
        }
        long base = timeBase;
        if (type instanceof ArrowType.Timestamp stamp && stamp.getUnit() != TimeUnit.NANOSECOND) {
            base %= 9_000_000_000L;
        } else if (type instanceof ArrowType.Date) {
            base %= 9_000_000_000_000L;
        }
        return random.nextInt(20) == 0 ? 0L : base + random.nextInt(1_000_000) - 500_000;
    }

    private Object value(ArrowType type) {
        if (type instanceof ArrowType.Int || type.equals(Vectors.FLOAT16)) {
            return random.nextInt(8) == 0 ? BigInteger.valueOf(-random.nextInt(2)) : (Object) random.nextLong();
        } else if (type instanceof ArrowType.FloatingPoint) {
            return random.nextInt(10) == 0 ? Double.NaN : random.nextGaussian() * 1e6;
        } else if (type instanceof ArrowType.Bool) {
            return random.nextBoolean();
        }
        return WORDS[random.nextInt(WORDS.length)];
    }
}
