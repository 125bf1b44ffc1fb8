package io.weir.ingest.decode.arrow;

import static io.weir.ingest.decode.arrow.TestStream.dictionaryField;
import static io.weir.ingest.decode.arrow.TestStream.field;
import static io.weir.ingest.decode.arrow.Vectors.UTF8;
import static io.weir.ingest.decode.arrow.Vectors.integer;
import static io.weir.ingest.decode.arrow.Vectors.timestamp;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.flatbuffers.FlatBufferBuilder;
import com.sun.management.ThreadMXBean;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.IngestError;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.Precision;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.compression.CompressionUtil.CodecType;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArrowStreamDecoderTest {

    private static final long RECEIVED = 1_650_000_000_123_456_789L;
    private static final ArrowType INT64 = integer(64, true);
    private static final ArrowType.Int INT32 = integer(32, true);
    private static final ArrowType NANOS = timestamp(TimeUnit.NANOSECOND, null);

    private final List<FieldVector> open = new ArrayList<>();
    private DecodeOptions options = DecodeOptions.of(Precision.AUTO, RECEIVED);

    @AfterEach
    void closeVectors() {
        open.forEach(FieldVector::close);
        assertThat(TestStream.ALLOCATOR.getAllocatedMemory()).isZero();
    }

    private FieldVector vector(String name, ArrowType type, Object... values) {
        FieldVector vector = Vectors.of(name, type, values);
        open.add(vector);
        return vector;
    }

    /** A stream of one batch of those columns. */
    private byte[] stream(FieldVector... columns) {
        return new TestStream()
                .schema(Arrays.stream(columns).map(FieldVector::getField).toArray(Field[]::new))
                .batch(columns[0].getValueCount(), List.of(columns))
                .end();
    }

    private DecodedWrite decode(byte[] stream, String... tags) {
        ArrowStreamDecoder decoder = new ArrowStreamDecoder(options, new ArrowParameters("m", Set.of(tags), 64 << 20));
        decoder.feed(stream, 0, stream.length);
        return decoder.finish();
    }

    private List<DecodedRow> rows(byte[] stream, String... tags) {
        return decode(stream, tags).batches().stream()
                .flatMap(batch -> DecodedRow.of(batch).stream())
                .toList();
    }

    private static DecodedRow row(Map<String, String> tags, Map<String, Object> fields, long timeNanos) {
        return new DecodedRow("m", new TreeMap<>(tags), new TreeMap<>(fields), timeNanos);
    }

    private List<Object> values(ArrowType type, Object... values) {
        return rows(stream(vector("v", type, values))).stream()
                .map(row -> row.fields().get("v"))
                .toList();
    }

    private void assertRefused(byte[] stream, String message, String... tags) {
        assertThatThrownBy(() -> decode(stream, tags))
                .isInstanceOf(WeirException.class)
                .hasMessageStartingWith(message)
                .extracting(e -> ((WeirException) e).code())
                .isEqualTo(IngestError.INVALID_ARROW);
    }

    private void store(Column... columns) {
        MeasurementSchema schema = MeasurementSchema.of(List.of(columns), false);
        options = options.withSchemas(name -> name.equals("m") ? schema : null);
    }

    @Test
    void dictionaryColumnsAreTagsAndOthersFields() {
        TestStream stream = new TestStream()
                .schema(
                        field("usage", Vectors.FLOAT64),
                        dictionaryField("host", UTF8, 7, INT32),
                        field("time", timestamp(TimeUnit.MILLISECOND, "Europe/Berlin")),
                        field("note", UTF8))
                .dictionary(7, vector("values", UTF8, "a", "b"), false)
                .batch(
                        3,
                        List.of(
                                vector("usage", Vectors.FLOAT64, 1.5, 2.5, null),
                                vector("host", INT32, 1, 0, null),
                                vector("time", timestamp(TimeUnit.MILLISECOND, "Europe/Berlin"), 5L, -1L, 0L),
                                vector("note", UTF8, "x", null, "ü")));
        assertThat(rows(stream.end()))
                .containsExactly(
                        row(Map.of("host", "b"), Map.of("usage", 1.5, "note", "x"), 5_000_000),
                        row(Map.of("host", "a"), Map.of("usage", 2.5), -1_000_000),
                        row(Map.of(), Map.of("note", "ü"), 0));
    }

    @Test
    void integersOfEveryWidthKeepTheirValues() {
        for (int bits : new int[] {8, 16, 32, 64}) {
            long least = Long.MIN_VALUE >> (64 - bits);
            assertThat(values(integer(bits, true), least, -1, 0, ~least)).containsExactly(least, -1L, 0L, ~least);
            BigInteger most = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
            assertThat(values(integer(bits, false), 0, 1, most)).containsExactly(BigInteger.ZERO, BigInteger.ONE, most);
        }
    }

    @Test
    void floatsOfEveryWidthBecomeDoubles() {
        assertThat(values(Vectors.FLOAT64, 0.1, Double.NaN, Double.NEGATIVE_INFINITY))
                .containsExactly(0.1, Double.NaN, Double.NEGATIVE_INFINITY);
        assertThat(values(Vectors.FLOAT32, 0.1f, Float.MIN_VALUE))
                .containsExactly((double) 0.1f, (double) Float.MIN_VALUE);
        // 1.5, the smallest and the largest, minus zero, infinity
        assertThat(values(Vectors.FLOAT16, 0x3e00, 1, 0x7bff, 0x8000, 0xfc00))
                .containsExactly(1.5, 0x1p-24, 65504.0, -0.0, Double.NEGATIVE_INFINITY);
    }

    @Test
    void booleansAndTextsOfEveryLayoutAreRead() {
        assertThat(values(Vectors.BOOL, true, false, null, true)).containsExactly(true, false, null, true);
        String longText = "a text of more than twelve bytes";
        for (ArrowType type : List.of(UTF8, Vectors.LARGE_UTF8, Vectors.UTF8_VIEW)) {
            assertThat(values(type, "", null, "日本", longText)).containsExactly("", null, "日本", longText);
        }
    }

    @Test
    void nullsAreMissingAndNeverZero() { // LESSONS 17
        DecodedWrite write = decode(stream(
                vector("a", INT64, null, 5, null),
                vector("b", Vectors.FLOAT64, 1.0, null, 2.0),
                vector("c", Vectors.NULL, null, null, null),
                vector("d", UTF8, null, null, null)));
        ColumnBatch batch = write.batches().get(0);
        assertThat(batch.columns())
                .containsExactly(new Column("a", ColumnType.INT64), new Column("b", ColumnType.FLOAT64));
        assertThat(batch.fields().get(0).isNull(0)).isTrue();
        assertThat(DecodedRow.of(batch).get(1).fields()).isEqualTo(Map.of("a", 5L));
    }

    @Test
    void timeTakesItsUnitFromItsType() {
        Map<ArrowType, Long> units = Map.of(
                timestamp(TimeUnit.SECOND, null),
                1_000_000_000L,
                timestamp(TimeUnit.MILLISECOND, "UTC"),
                1_000_000L,
                timestamp(TimeUnit.MICROSECOND, "Asia/Tokyo"),
                1_000L,
                NANOS,
                1L,
                Vectors.DATE64,
                1_000_000L);
        options = DecodeOptions.of(Precision.SECOND, RECEIVED);
        units.forEach((type, nanos) -> assertThat(
                        rows(stream(vector("time", type, 86_400_007L, -7L), vector("v", INT64, 1, 2))))
                .extracting(DecodedRow::timeNanos)
                .containsExactly(86_400_007L * nanos, -7 * nanos));
    }

    @Test
    void nanosecondsBeforeTheEpochAreSplitDownwards() {
        ColumnBatch batch = decode(stream(vector("time", NANOS, -1L, -1_000L, 1_001L), vector("v", INT64, 1, 2, 3)))
                .batches()
                .get(0);
        assertThat(Arrays.copyOf(batch.timeMicros(), 3)).containsExactly(-1, -1, 1);
        assertThat(Arrays.copyOf(batch.timeNanos(), 3)).containsExactly((short) 999, (short) 0, (short) 1);
    }

    @Test
    void wholeMicrosecondsNeedNoNanoseconds() {
        assertThat(decode(stream(vector("time", NANOS, -1_000L), vector("v", INT64, 1)))
                        .batches()
                        .get(0)
                        .timeNanos())
                .isNull();
    }

    @Test
    void integerTimeIsCountedInTheRequestsPrecision() {
        options = DecodeOptions.of(Precision.MILLISECOND, RECEIVED);
        assertThat(rows(stream(vector("time", INT64, 1_700L), vector("v", INT64, 1))))
                .extracting(DecodedRow::timeNanos)
                .containsExactly(1_700_000_000L);
    }

    @Test
    void integerTimeTellsItsUnitByTheMagnitudeOfTheWholeColumn() {
        TestStream stream = new TestStream()
                .schema(field("time", INT64), field("v", INT64))
                .batch(1, List.of(vector("time", INT64, 0L), vector("v", INT64, 1)))
                .batch(1, List.of(vector("time", INT64, 1_700_000_000_000L), vector("v", INT64, 2)));
        assertThat(rows(stream.bytes()))
                .extracting(DecodedRow::timeNanos)
                .containsExactly(0L, 1_700_000_000_000_000_000L);
        stream.batch(2, List.of(vector("time", INT64, 0L, 1_700_000_000L), vector("v", INT64, 1, 2)));
        assertRefused(
                stream.bytes(),
                "record batch 2, column \"time\", row 1: timestamps of different magnitudes, milliseconds and seconds"
                        + " (expected: one unit, or the precision parameter)");
    }

    @Test
    void rowsWithoutATimeColumnGetTheTimeOfReceipt() {
        options = DecodeOptions.of(Precision.MICROSECOND, RECEIVED);
        assertThat(rows(stream(vector("v", INT64, 1, 2))))
                .extracting(DecodedRow::timeNanos)
                .containsExactly(1_650_000_000_123_456_000L, 1_650_000_000_123_456_000L);
    }

    @Test
    void aNullTimeRefusesTheStream() {
        assertRefused(
                stream(vector("time", NANOS, 1L, null), vector("v", INT64, 1, 2)),
                "record batch 0, column \"time\", row 1: time is null (expected: a time in every row, or no column of"
                        + " that name)");
    }

    @Test
    void timesOutsideOfNanosecondsAreRefused() {
        assertRefused(
                stream(vector("time", timestamp(TimeUnit.SECOND, null), 0L, 9_300_000_000L), vector("v", INT64, 1, 2)),
                "record batch 0, column \"time\", row 1: timestamp 9300000000 seconds is not between the years 1677"
                        + " and 2262");
    }

    @Test
    void dictionariesGrowByDeltasAndAreReplaced() {
        TestStream stream = new TestStream().schema(dictionaryField("t", UTF8, 1, INT32), field("v", INT64));
        stream.dictionary(1, vector("d", UTF8, "a", null), false)
                .batch(2, List.of(vector("t", INT32, 0, 1), vector("v", INT64, 1, 2)));
        stream.dictionary(1, vector("d", UTF8, "c"), true)
                .batch(2, List.of(vector("t", INT32, 2, 0), vector("v", INT64, 3, 4)));
        stream.dictionary(1, vector("d", UTF8, "z", ""), false)
                .batch(2, List.of(vector("t", INT32, 0, 1), vector("v", INT64, 5, 6)));
        assertThat(rows(stream.end()))
                .extracting(row -> row.tags().getOrDefault("t", "-"))
                .containsExactly("a", "-", "c", "a", "z", "-");
        assertThat(decode(stream.end()).batches()).hasSize(1);
        assertThat(decode(stream.end()).batches().get(0).series().size()).isEqualTo(4);
    }

    @Test
    void columnsMayShareADictionary() {
        TestStream stream = new TestStream()
                .schema(
                        dictionaryField("from", UTF8, 3, integer(8, true)),
                        dictionaryField("to", UTF8, 3, integer(64, false)),
                        field("v", INT64))
                .dictionary(3, vector("d", UTF8, "a", "b"), false)
                .batch(
                        2,
                        List.of(
                                vector("from", integer(8, true), 0, 1),
                                vector("to", integer(64, false), 1, 0),
                                vector("v", INT64, 1, 2)));
        assertThat(rows(stream.end()))
                .extracting(DecodedRow::tags)
                .containsExactly(
                        new TreeMap<>(Map.of("from", "a", "to", "b")), new TreeMap<>(Map.of("from", "b", "to", "a")));
    }

    @Test
    void indexesOutsideTheirDictionaryAreRefused() {
        TestStream stream = new TestStream()
                .schema(dictionaryField("t", UTF8, 1, INT32), field("v", INT64))
                .dictionary(1, vector("d", UTF8, "a"), false)
                .batch(2, List.of(vector("t", INT32, 0, 1), vector("v", INT64, 1, 2)));
        assertRefused(
                stream.end(), "record batch 0, column \"t\", row 1: index 1 is outside its dictionary of 1 values");
    }

    @Test
    void columnsOfTextAreTagsWhenNamedOrStoredAsTags() {
        store(new Column("rack", ColumnType.TAG));
        for (ArrowType type : List.of(UTF8, Vectors.LARGE_UTF8, Vectors.UTF8_VIEW)) {
            List<DecodedRow> rows = rows(
                    stream(
                            vector("host", type, "a", "a", null, "a text of more than twelve bytes"),
                            vector("rack", type, "r1", "", "r1", "r2"),
                            vector("v", INT64, 1, 2, 3, 4)),
                    "host");
            assertThat(rows)
                    .extracting(DecodedRow::tags)
                    .containsExactly(
                            new TreeMap<>(Map.of("host", "a", "rack", "r1")),
                            new TreeMap<>(Map.of("host", "a")),
                            new TreeMap<>(Map.of("rack", "r1")),
                            new TreeMap<>(Map.of("host", "a text of more than twelve bytes", "rack", "r2")));
        }
    }

    @Test
    void manyTagsNeedMoreThanOneWordOfKey() {
        int tags = 30;
        int rows = 40;
        List<Field> fields = new ArrayList<>();
        List<FieldVector> columns = new ArrayList<>();
        Object[] words = new Object[40];
        Arrays.setAll(words, i -> "w" + i);
        for (int tag = 0; tag < tags; tag++) {
            fields.add(dictionaryField("t" + tag, UTF8, 1, INT32));
            Object[] indexes = new Object[rows];
            int by = tag;
            Arrays.setAll(indexes, row -> (row % 7 * (by + 1)) % 40);
            columns.add(vector("t" + tag, INT32, indexes));
        }
        fields.add(field("v", INT64));
        Object[] numbers = new Object[rows];
        Arrays.setAll(numbers, i -> i);
        columns.add(vector("v", INT64, numbers));
        byte[] stream = new TestStream()
                .schema(fields.toArray(Field[]::new))
                .dictionary(1, vector("d", UTF8, words), false)
                .batch(rows, columns)
                .end();
        assertThat(decode(stream).batches().get(0).series().size()).isEqualTo(7);
        List<DecodedRow> decoded = rows(stream);
        for (int row = 0; row < rows; row++) {
            for (int tag = 0; tag < tags; tag++) {
                assertThat(decoded.get(row).tags()).containsEntry("t" + tag, "w" + (row % 7 * (tag + 1)) % 40);
            }
        }
    }

    @Test
    void legacyFramingAndEveryChunkingReadTheSame() {
        for (boolean legacy : new boolean[] {false, true}) {
            byte[] stream = new TestStream(legacy, CodecType.NO_COMPRESSION)
                    .schema(dictionaryField("t", UTF8, 1, INT32), field("v", INT64))
                    .dictionary(1, vector("d", UTF8, "a"), false)
                    .batch(1, List.of(vector("t", INT32, 0), vector("v", INT64, 9)))
                    .end();
            List<DecodedRow> whole = rows(stream);
            assertThat(whole).containsExactly(row(Map.of("t", "a"), Map.of("v", 9L), RECEIVED));
            for (int size = 1; size < 40; size++) {
                ArrowStreamDecoder decoder =
                        new ArrowStreamDecoder(options, new ArrowParameters("m", Set.of(), 64 << 20));
                for (int at = 0; at < stream.length; at += size) {
                    decoder.feed(stream, at, Math.min(size, stream.length - at));
                }
                assertThat(DecodedRow.of(decoder.finish().batches().get(0))).isEqualTo(whole);
            }
        }
    }

    @Test
    void compressedBuffersAreInflated() {
        for (CodecType codec : List.of(CodecType.LZ4_FRAME, CodecType.ZSTD)) {
            Object[] numbers = new Object[3_000];
            Arrays.setAll(numbers, i -> i / 100);
            byte[] stream = new TestStream(false, codec)
                    .schema(dictionaryField("t", UTF8, 1, INT32), field("v", INT64), field("s", UTF8))
                    .dictionary(1, vector("d", UTF8, "a", "b".repeat(500)), false)
                    .batch(
                            3_000,
                            List.of(
                                    vector(
                                            "t",
                                            INT32,
                                            Arrays.stream(numbers)
                                                    .map(n -> (int) n % 2)
                                                    .toArray()),
                                    vector("v", INT64, numbers),
                                    vector(
                                            "s",
                                            UTF8,
                                            Arrays.stream(numbers)
                                                    .map(n -> "s" + n)
                                                    .toArray())))
                    .end();
            assertThat(stream.length).isLessThan(20_000);
            List<DecodedRow> rows = rows(stream);
            assertThat(rows).hasSize(3_000);
            assertThat(rows.get(2_950))
                    .isEqualTo(row(Map.of("t", "b".repeat(500)), Map.of("v", 29L, "s", "s29"), RECEIVED));
        }
    }

    @Test
    void aBombIsRefusedBeforeItIsInflated() { // LESSONS 58
        for (CodecType codec : List.of(CodecType.LZ4_FRAME, CodecType.ZSTD)) {
            byte[] stream = new TestStream(false, codec)
                    .schema(field("v", INT64))
                    .batch(
                            200_000,
                            List.of(vector(
                                    "v",
                                    INT64,
                                    Arrays.stream(new Object[200_000])
                                            .map(o -> 7)
                                            .toArray())))
                    .end();
            AtomicLong charged = new AtomicLong();
            ArrowStreamDecoder decoder = new ArrowStreamDecoder(
                    options.withMemory(charged::addAndGet), new ArrowParameters("m", Set.of(), 1_000_000));
            assertThatThrownBy(() -> decoder.feed(stream, 0, stream.length))
                    .isInstanceOf(WeirException.class)
                    .hasMessage("the Arrow stream unfolds to more than 1000000 bytes (weir.ingest.max-arrow)")
                    .extracting(e -> ((WeirException) e).code())
                    .isEqualTo(CommonError.BODY_TOO_LARGE);
            assertThat(charged.get()).isLessThan(stream.length + 10_000L);
        }
    }

    @Test
    void integersWidenIntoAFloatColumnAndNothingElseConverts() {
        store(new Column("v", ColumnType.FLOAT64), new Column("i", ColumnType.INT64), new Column("t", ColumnType.TAG));
        assertThat(values(integer(8, true), -3)).containsExactly(-3.0);
        assertThat(values(integer(64, false), new BigInteger("18446744073709551615")))
                .containsExactly(18446744073709551615.0);
        assertRefused(
                stream(vector("v", UTF8, null, "x")),
                "record batch 0, column \"v\", row 1: is float but the value is string");
        assertRefused(
                stream(vector("i", Vectors.FLOAT64, 1.0)),
                "record batch 0, column \"i\", row 0: is integer but the value is float");
        assertRefused(
                stream(vector("i", integer(8, false), 1)),
                "record batch 0, column \"i\", row 0: is integer but the value is unsigned");
        assertRefused(
                stream(vector("t", INT64, 1)), "record batch 0, column \"t\", row 0: is tag but the value is integer");
        assertRefused(
                stream(vector("i", UTF8, "x")),
                "schema, column \"i\": is a field of type integer (expected: a tag of another name)",
                "i");
    }

    @Test
    void aColumnOfNullsConflictsWithNothing() {
        store(new Column("s", ColumnType.STRING));
        assertThat(rows(stream(vector("s", Vectors.FLOAT64, (Object) null), vector("v", INT64, 1))))
                .containsExactly(row(Map.of(), Map.of("v", 1L), RECEIVED));
    }

    @Test
    void recordBatchesAreJoinedUpToTheLimitOfABatch() {
        TestStream stream = new TestStream().schema(dictionaryField("t", UTF8, 1, INT32), field("v", INT64));
        stream.dictionary(1, vector("d", UTF8, "a", "b"), false);
        for (int i = 0; i < 50; i++) {
            stream.batch(2, List.of(vector("t", INT32, i % 2, 0), vector("v", INT64, i, i == 3 ? null : -i)));
        }
        assertThat(decode(stream.end()).batches()).hasSize(1);
        List<DecodedRow> joined = rows(stream.end());
        options = options.withLimits(new DecodeLimits(1 << 20, 1_024, 100, 400));
        assertThat(decode(stream.end()).batches()).hasSizeGreaterThan(5);
        assertThat(rows(stream.end())).isEqualTo(joined).hasSize(100);
    }

    @Test
    void memoryHeardOfIsTheSizeOfTheBatches() {
        AtomicLong charged = new AtomicLong();
        options = options.withMemory(charged::addAndGet);
        DecodedWrite write = decode(stream(vector("v", INT64, 1, null), vector("s", UTF8, "x", "y")), "s");
        assertThat(charged.get()).isEqualTo(write.batches().get(0).sizeBytes());
    }

    @Test
    void aStreamWithoutRowsStoresNothing() {
        assertThat(decode(new TestStream().schema(field("v", INT64)).end()).batches())
                .isEmpty();
        assertThat(decode(stream(vector("v", INT64))).acceptedRows()).isZero();
    }

    @Test
    void typesThatCannotBeStoredAreNamed() {
        String end = " (expected: integer, float, boolean, string, or a dictionary of strings)";
        Map.of(
                        "binary", new ArrowType.Binary(),
                        "decimal", new ArrowType.Decimal(10, 2, 128),
                        "timestamp", NANOS,
                        "list", new ArrowType.List(),
                        "struct", new ArrowType.Struct())
                .forEach((noun, type) -> assertRefused(
                        new TestStream()
                                .schema(field("v", INT64), nested("x", type))
                                .bytes(),
                        "schema, column \"x\": is " + noun + end));
        assertRefused(
                new TestStream().schema(field("time", UTF8)).bytes(),
                "schema, column \"time\": is utf8 (expected: timestamp, date64 or int64)");
        assertRefused(
                new TestStream().schema(dictionaryField("x", INT64, 1, INT32)).bytes(),
                "schema, column \"x\": is a dictionary of other values than strings (expected: strings)");
    }

    private static Field nested(String name, ArrowType type) {
        List<Field> children = type instanceof ArrowType.List ? List.of(field("item", INT64)) : null;
        return new Field(name, FieldType.nullable(type), children);
    }

    @Test
    void namesAreCheckedAsElsewhere() { // LESSONS 59
        assertRefused(
                new TestStream().schema(field("a\nb", INT64)).bytes(),
                "schema, column \"a\\u000ab\": column name \"a\\u000ab\" holds a control character at position 2");
        assertRefused(
                new TestStream().schema(field("x".repeat(129), INT64)).bytes(),
                "schema, column \"" + "x".repeat(96) + "…\": column name \"" + "x".repeat(32)
                        + "…\" is longer than 128 bytes");
        assertRefused(
                new TestStream().schema(field("time_nanos", INT64)).bytes(),
                "schema, column \"time_nanos\": column name \"time_nanos\" is reserved");
        assertRefused(
                new TestStream().schema(field("v", INT64), field("v", UTF8)).bytes(),
                "schema, column \"v\": stands twice in the schema");
        assertRefused(new TestStream().schema(field("", INT64)).bytes(), "schema: name of column 0 is empty");
        assertRefused(
                new TestStream().schema(field("v", INT64)).bytes(),
                "schema, column \"hots\": is named by the parameter \"tags\" but is no column of the stream",
                "hots");
        for (String name : List.of("", "_x", "system", "a\u0000", "x".repeat(200))) {
            assertThatThrownBy(() -> new ArrowParameters(name, Set.of(), 1))
                    .isInstanceOf(WeirException.class)
                    .extracting(e -> ((WeirException) e).code())
                    .isEqualTo(CommonError.INVALID_NAME);
        }
        assertThat(ArrowParameters.of("a/../b", " host, region,,", 1).tags())
                .containsExactlyInAnyOrder("host", "region");
        assertThatThrownBy(() -> ArrowParameters.of(null, null, 1))
                .hasMessage("parameter \"measurement\" is missing (expected: the measurement of all rows)");
    }

    @Test
    void tooManyColumnsAreRefused() {
        options = options.withLimits(new DecodeLimits(1, 2, 1, 1 << 20));
        store(new Column("old", ColumnType.INT64));
        assertRefused(
                new TestStream().schema(field("a", INT64), field("b", INT64)).bytes(),
                "schema, column \"b\": is one column too many (expected: at most 2)");
        assertRefused(
                new TestStream()
                        .schema(field("a", INT64), field("b", INT64), field("c", INT64), field("d", INT64))
                        .bytes(),
                "schema: has 4 columns (expected: at most 2 and time)");
    }

    @Test
    void rowsNeedAField() {
        assertRefused(
                stream(vector("t", UTF8, "a"), vector("v", INT64, (Object) null)),
                "record batch 0: no field has a value",
                "t");
    }

    @Test
    void textThatIsNotUtf8IsRefused() {
        byte[] cut = {'a', (byte) 0xc3};
        for (ArrowType type : List.of(UTF8, Vectors.LARGE_UTF8, Vectors.UTF8_VIEW)) {
            assertRefused(
                    stream(vector("s", type, "ok", cut)), "record batch 0, column \"s\", row 1: string is not UTF-8");
            assertRefused(
                    stream(vector("s", type, "ok", cut), vector("v", INT64, 1, 2)),
                    "record batch 0, column \"s\", row 1: string is not UTF-8",
                    "s");
            assertRefused(
                    new TestStream()
                            .schema(dictionaryField("s", type, 1, INT32), field("v", INT64))
                            .dictionary(1, vector("d", type, "ok", cut), false)
                            .bytes(),
                    "dictionary 1, row 1: string is not UTF-8");
        }
        // Well-formed as a whole, but not row by row.
        assertRefused(
                stream(vector("s", UTF8, new byte[] {(byte) 0xc3}, new byte[] {(byte) 0xbc})),
                "record batch 0, column \"s\", row 0: string is not UTF-8");
    }

    @Test
    void whatIsNoStreamIsSaidToBeNone() {
        assertRefused("ARROW1\0\0....".getBytes(US_ASCII), "is an Arrow file (expected: an Arrow stream)");
        assertRefused(new byte[0], "the stream has no schema message");
        assertRefused(
                "cpu,host=a v=1 1\n".getBytes(US_ASCII),
                "metadata of " + ('c' | 'p' << 8 | 'u' << 16 | ',' << 24) + " bytes (expected: 1 to 8388608");
        byte[] stream = stream(vector("v", INT64, 1));
        assertRefused(
                Arrays.copyOf(stream, stream.length - 20),
                "the stream ends within a message, at byte " + (stream.length - 20));
        assertRefused(
                Arrays.copyOf(stream, stream.length + 1),
                "more bytes behind the end of the stream, at byte " + stream.length);
    }

    @Test
    void bigEndianIsRefused() {
        byte[] stream = stream(vector("v", INT64, 1));
        FlatBufferBuilder builder = new FlatBufferBuilder();
        int fields = Schema.createFieldsVector(builder, new int[0]);
        int schema = Schema.createSchema(builder, Endianness.Big, fields, 0, 0);
        builder.finish(Message.createMessage(builder, MetadataVersion.V5, MessageHeader.Schema, schema, 0, 0));
        byte[] metadata = builder.sizedByteArray();
        byte[] framed =
                Arrays.copyOf(new byte[] {-1, -1, -1, -1, (byte) metadata.length, 0, 0, 0}, 8 + metadata.length);
        System.arraycopy(metadata, 0, framed, 8, metadata.length);
        assertThat(metadata.length).isLessThan(128);
        assertRefused(framed, "schema: is big-endian (expected: little-endian)");
        assertThat(rows(stream)).hasSize(1);
    }

    @Test
    void noAllocationPerRow() {
        int rows = 20_000;
        Object[] numbers = new Object[rows];
        Arrays.setAll(numbers, i -> i % 100);
        byte[] stream = new TestStream()
                .schema(dictionaryField("t", UTF8, 1, INT32), field("time", NANOS), field("v", INT64))
                .dictionary(
                        1,
                        vector(
                                "d",
                                UTF8,
                                Arrays.stream(numbers)
                                        .limit(100)
                                        .map(n -> "h" + n)
                                        .toArray()),
                        false)
                .batch(
                        rows,
                        List.of(
                                vector("t", INT32, numbers),
                                vector("time", NANOS, numbers),
                                vector("v", INT64, numbers)))
                .end();
        decode(stream);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        long before = threads.getThreadAllocatedBytes(thread);
        decode(stream);
        long allocated = threads.getThreadAllocatedBytes(thread) - before;
        // Body, keys, and the arrays of the batch: 8 + 2 + 4 + 8 bytes a row, each once.
        assertThat(allocated).isLessThan(stream.length + rows * (8 + 8 + 2 + 4 + 8) + 60_000L);
    }
}
