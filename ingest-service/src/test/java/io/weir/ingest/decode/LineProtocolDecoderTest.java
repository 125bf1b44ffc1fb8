package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineProtocolDecoderTest {

    private static final long NOW = 1_700_000_000_123_456_789L;
    private static final DecodeOptions OPTIONS = DecodeOptions.of(Precision.NANOSECOND, NOW);

    @Test
    void oneBadLineDoesNotCostTheOthers() {
        // LESSONS 64
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 5_000; i++) {
            body.append(
                    i == 2_500 ? "cpu,host=a usage=\"oops\n" : "cpu,host=h" + i % 7 + " usage=" + i + " " + i + "\n");
        }
        DecodedWrite write = decode(OPTIONS, body.toString());
        assertThat(write.acceptedRows()).isEqualTo(4_999);
        assertThat(write.rejectedRows()).isOne();
        assertThat(write.errors().get(0).lineNumber()).isEqualTo(2_501);
    }

    @Test
    void saysWhatIsWrongWhereAndWhatIsExpected() {
        assertError(
                "m v=1\n# c\nm v=2 12x",
                3,
                7,
                "timestamp \"12x\" at line 3, column 7 (expected: integer nanoseconds" + " and the end of the line)");
        assertError(
                "cpu",
                1,
                4,
                "line has no field at line 1, column 4"
                        + " (expected: measurement[,tag=value] field=value[,field=value] [timestamp])");
        assertError(
                "m v=oops",
                1,
                5,
                "value \"oops\" of field \"v\" is no value at line 1, column 5"
                        + " (expected: a number, a string in double quotes, or true or false)");
        assertError("m v=\"a\nb", 1, 7, "string is not closed at line 1, column 7 (expected: a closing double quote)");
        assertError(
                "m v=9223372036854775808i",
                1,
                5,
                "integer \"9223372036854775808\" is out of range at line 1, column 5"
                        + " (expected: a signed 64-bit integer)");
        assertError(
                "m,a=1,a=2 v=1",
                1,
                7,
                "tag \"a\" stands twice in the line at line 1, column 7 (expected: each tag" + " once)");
        assertError(
                "_m v=1",
                1,
                1,
                "measurement name \"_m\" is reserved (names starting with '_', system, internal) at line"
                        + " 1, column 1 (expected: a name of 1 to 128 bytes without control characters)");
    }

    @Test
    void keepsTheFirstErrorsAndCountsAll() {
        DecodedWrite write = decode(OPTIONS, "bad\n".repeat(250) + "m v=1\n");
        assertThat(write.errors()).hasSize(100);
        assertThat(write.rejectedRows()).isEqualTo(250);
        assertThat(write.acceptedRows()).isOne();
        assertThat(write.errors().get(99).lineNumber()).isEqualTo(100);
    }

    @Test
    void rejectedLineLeavesNoColumnBehind() {
        // LESSONS 16
        DecodedWrite write = decode(OPTIONS, "m,new=t fresh=1,v=oops\nm fresh=\"text\",new=1\nm2 v=x\n");
        assertThat(write.batches()).hasSize(1);
        assertThat(write.batches().get(0).columns())
                .containsExactly(new Column("fresh", ColumnType.STRING), new Column("new", ColumnType.FLOAT64));
    }

    @Test
    void missingFieldsAreNullNotZero() {
        // LESSONS 17
        DecodedWrite write = decode(OPTIONS, "m a=1 1\nm b=2i 2\nm a=3,c=\"x\" 3\n");
        List<DecodedRow> rows = DecodedRow.of(write.batches().get(0));
        assertThat(rows.get(0).fields()).isEqualTo(Map.of("a", 1.0));
        assertThat(rows.get(1).fields()).isEqualTo(Map.of("b", 2L));
        assertThat(rows.get(2).fields()).isEqualTo(Map.of("a", 3.0, "c", "x"));
    }

    @Test
    void typesAreFixedByTheSchemaOrTheFirstAcceptedRow() {
        // LESSONS 22
        MeasurementSchema known = MeasurementSchema.of(
                List.of(
                        new Column("host", ColumnType.TAG),
                        new Column("f", ColumnType.FLOAT64),
                        new Column("i", ColumnType.INT64)),
                false);
        DecodeOptions options = OPTIONS.withSchemas(name -> name.equals("m") ? known : null);
        DecodedWrite write =
                decode(options, "m,host=a f=1i,i=2i\nm i=1\nm host=1\nm,i=x f=1\nm f=7u\nn v=1i\nn v=1.5\nn v=2u\n");
        assertThat(write.acceptedRows()).isEqualTo(2);
        assertThat(DecodedRow.of(write.batches().get(0)).get(0).fields()).isEqualTo(Map.of("f", 1.0, "i", 2L));
        assertThat(write.errors()).extracting(LineError::lineNumber).containsExactly(2, 3, 4, 5, 7, 8);
        assertThat(write.errors().get(0).message())
                .isEqualTo("field \"i\" is integer but the value is float at line 2, column 5 (expected: integer)");
        assertThat(write.errors())
                .extracting(LineError::kind)
                .containsExactly(
                        LineError.Kind.TYPE_CONFLICT,
                        LineError.Kind.NAME,
                        LineError.Kind.NAME,
                        LineError.Kind.TYPE_CONFLICT,
                        LineError.Kind.TYPE_CONFLICT,
                        LineError.Kind.TYPE_CONFLICT);
    }

    @Test
    void lastOfTwoEqualFieldKeysCounts() {
        DecodedWrite write = decode(OPTIONS, "m v=1,s=\"long text\",v=2,s=\"b\"\n");
        assertThat(DecodedRow.of(write.batches().get(0)).get(0).fields()).isEqualTo(Map.of("v", 2.0, "s", "b"));
    }

    @Test
    void namesAreChecked() {
        // LESSONS 59
        String longName = "n".repeat(129);
        DecodedWrite write = decode(
                OPTIONS,
                longName + " v=1\nm " + longName + "=1\nm,time=1 v=1\nm time=1\nm time_nanos=1i\nsystem v=1\na\tb v=1\n"
                        + "../../etc v=1\n");
        assertThat(write.rejectedRows()).isEqualTo(6);
        assertThat(write.batches().stream().map(ColumnBatch::measurement)).containsExactly("m", "../../etc");
    }

    @Test
    void acceptsWindowsLineEndsCommentsAndBlanks() {
        // LESSONS 61
        DecodedWrite write = decode(OPTIONS, "# c\r\n\r\n  \t\r\nm,t=a v=1 5\r\nm v=\"x\r\ny\" 6 \r\n  # d\nm v=2");
        assertThat(write.errors()).extracting(LineError::lineNumber).containsExactly(5);
        assertThat(write.acceptedRows()).isEqualTo(2);
        assertThat(write.errors().get(0).originalLine()).isEqualTo("m v=\"x\r\ny\" 6 ");
    }

    @Test
    void precisionsScaleAndNeverOverflow() {
        assertThat(time(Precision.HOUR, "m v=1 2")).isEqualTo(7_200_000_000_000L);
        assertThat(time(Precision.MINUTE, "m v=1 -1")).isEqualTo(-60_000_000_000L);
        assertThat(time(Precision.MICROSECOND, "m v=1 7")).isEqualTo(7_000L);
        assertThat(time(Precision.NANOSECOND, "m v=1 -1")).isEqualTo(-1L);
        assertThat(time(Precision.AUTO, "m v=1 1700000000")).isEqualTo(1_700_000_000_000_000_000L);
        assertThat(time(Precision.AUTO, "m v=1 1700000000123")).isEqualTo(1_700_000_000_123_000_000L);
        assertThat(time(Precision.AUTO, "m v=1 1700000000123456")).isEqualTo(1_700_000_000_123_456_000L);
        assertThat(time(Precision.AUTO, "m v=1 1700000000123456789")).isEqualTo(NOW);
        assertThat(time(Precision.SECOND, "m v=1")).isEqualTo(1_700_000_000_000_000_000L);
        assertThat(time(Precision.HOUR, "m v=1")).isEqualTo(1_699_999_200_000_000_000L);
        for (Precision precision : List.of(Precision.SECOND, Precision.MILLISECOND, Precision.HOUR)) {
            DecodedWrite write = decode(DecodeOptions.of(precision, NOW), "m v=1 9223372036854775807\n");
            assertThat(write.errors().get(0).kind()).isEqualTo(LineError.Kind.RANGE);
            assertThat(write.errors().get(0).message())
                    .startsWith("timestamp \"9223372036854775807\" is out of range at line 1, column 7");
        }
    }

    @Test
    void parsesThePrecisionsOfEveryEndpoint() {
        assertThat(Precision.ofV1(null)).isEqualTo(Precision.NANOSECOND);
        assertThat(Precision.ofV1("µ")).isEqualTo(Precision.MICROSECOND);
        assertThat(Precision.ofV1("h")).isEqualTo(Precision.HOUR);
        assertThat(Precision.ofV2("us")).isEqualTo(Precision.MICROSECOND);
        assertThat(Precision.ofV3("")).isEqualTo(Precision.AUTO);
        assertThat(Precision.ofV3("millisecond")).isEqualTo(Precision.MILLISECOND);
        assertThatThrownBy(() -> Precision.ofV2("m"))
                .hasMessage("precision \"m\" is not known (expected: ns, us, ms or s)");
    }

    @Test
    void overlongLineIsOneErrorInBoundedMemory() {
        AtomicLong peak = new AtomicLong();
        AtomicLong charged = new AtomicLong();
        DecodeOptions options = OPTIONS.withLimits(new DecodeLimits(1_000, 10, 100, 1 << 20))
                .withMemory(delta -> peak.accumulateAndGet(charged.addAndGet(delta), Math::max));
        LineProtocolDecoder decoder = new LineProtocolDecoder(options);
        byte[] piece = "x".repeat(500).getBytes(UTF_8);
        feed(decoder, "m v=1\n");
        for (int i = 0; i < 10_000; i++) {
            decoder.feed(piece, 0, piece.length);
        }
        feed(decoder, " v=1\nm v=2\nm v=\"");
        for (int i = 0; i < 3; i++) {
            decoder.feed(piece, 0, piece.length);
        }
        feed(decoder, "\nm v=3\n");
        DecodedWrite write = decoder.finish();
        assertThat(write.acceptedRows()).isEqualTo(3);
        assertThat(write.errors()).extracting(LineError::lineNumber).containsExactly(2, 4);
        assertThat(write.errors().get(0).message())
                .isEqualTo("line is too long at line 2, column 1 (expected: at most 1000 bytes)");
        assertThat(write.errors().get(0).originalLine()).hasSize(LineError.MAX_ORIGINAL_BYTES + 1);
        assertThat(peak.get()).isLessThan(20_000);
    }

    @Test
    void aCommentThatIsTooLongIsBadHoweverItArrives() {
        String body = "# " + "x".repeat(40) + "\n" + " ".repeat(40) + "\nm v=1\n";
        DecodeOptions options = OPTIONS.withLimits(new DecodeLimits(30, 10, 10, 1 << 20));
        for (int piece : new int[] {1, 7, body.length()}) {
            LineProtocolDecoder decoder = new LineProtocolDecoder(options);
            byte[] bytes = body.getBytes(UTF_8);
            for (int at = 0; at < bytes.length; at += piece) {
                decoder.feed(bytes, at, Math.min(piece, bytes.length - at));
            }
            DecodedWrite write = decoder.finish();
            assertThat(write.acceptedRows()).isOne();
            assertThat(write.errors())
                    .as("pieces of %d bytes", piece)
                    .extracting(LineError::lineNumber)
                    .containsExactly(1, 2);
        }
    }

    @Test
    void columnLimitCountsTheSchema() {
        MeasurementSchema known = MeasurementSchema.of(List.of(new Column("a", ColumnType.FLOAT64)), false);
        DecodeOptions options = OPTIONS.withSchemas(name -> known).withLimits(new DecodeLimits(1_000, 3, 100, 1 << 20));
        DecodedWrite write = decode(options, "m b=1,c=1,d=1\nm a=1,b=1,c=1\nm d=1\n");
        assertThat(write.errors()).extracting(LineError::lineNumber).containsExactly(1, 3);
        assertThat(write.errors().get(0).message())
                .isEqualTo("field \"d\" is one column too many for measurement \"m\" at line 1, column 11"
                        + " (expected: at most 3 columns)");
    }

    @Test
    void overloadPassesThrough() {
        // REQUIREMENTS P1
        DecodeOptions options = OPTIONS.withMemory(delta -> {
            if (delta > 4_000) {
                throw new WeirException(CommonError.OVERLOADED, "no memory");
            }
        });
        LineProtocolDecoder decoder = new LineProtocolDecoder(options);
        byte[] body = "m,h=a v=1,w=\"text\"\n".repeat(10_000).getBytes(UTF_8);
        assertThatThrownBy(() -> decoder.feed(body, 0, body.length))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.OVERLOADED));
    }

    @Test
    void largeMeasurementsComeInSeveralBatches() {
        DecodeOptions options = OPTIONS.withLimits(new DecodeLimits(1_000, 10, 100, 50_000));
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            body.append("m,host=h")
                    .append(i % 50)
                    .append(" v=")
                    .append(i)
                    .append(' ')
                    .append(i)
                    .append('\n');
        }
        DecodedWrite write = decode(options, body.toString());
        assertThat(write.acceptedRows()).isEqualTo(20_000);
        assertThat(write.batches().size()).isGreaterThan(5);
        assertThat(write.batches().stream().mapToInt(ColumnBatch::rows).sum()).isEqualTo(20_000);
        assertThat(DecodedRow.byMeasurement(write.batches()).get("m"))
                .extracting(DecodedRow::timeNanos)
                .isSorted();
    }

    @Test
    void manyMeasurementsAndTagOrdersShareSeries() {
        DecodedWrite write = decode(OPTIONS, "m,a=1,b=2 v=1\nm,b=2,a=1 v=2\nm,a=1 v=3\n");
        assertThat(write.batches().get(0).series().size()).isEqualTo(2);
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            body.append("m").append(i % 10_000).append(" v=").append(i).append('\n');
        }
        assertThat(decode(OPTIONS, body.toString()).batches()).hasSize(10_000);
    }

    private static long time(Precision precision, String line) {
        DecodedWrite write = decode(DecodeOptions.of(precision, NOW), line);
        assertThat(write.errors()).isEmpty();
        return DecodedRow.of(write.batches().get(0)).get(0).timeNanos();
    }

    private static void assertError(String body, int line, int column, String message) {
        LineError error = decode(OPTIONS, body).errors().get(0);
        assertThat(error.message()).isEqualTo(message);
        assertThat(error.lineNumber()).isEqualTo(line);
        assertThat(error.column()).isEqualTo(column);
    }

    private static DecodedWrite decode(DecodeOptions options, String body) {
        LineProtocolDecoder decoder = new LineProtocolDecoder(options);
        feed(decoder, body);
        return decoder.finish();
    }

    private static void feed(LineProtocolDecoder decoder, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        decoder.feed(bytes, 0, bytes.length);
    }
}
