package io.weir.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** CSV into batches. */
class CsvDecoderTest {

    private SchemaLookup schema = SchemaLookup.NONE;
    private Precision precision = Precision.AUTO;
    private long charged;

    private static byte[] bytes(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(utf8, utf8.length + 8);
    }

    private DecodedWrite decode(String file, String... tags) {
        byte[] buffer = bytes(file);
        int length = buffer.length - 8;
        CsvLayout layout = CsvLayout.of(buffer, length, "m", "time", Set.of(tags), (byte) ',');
        int header = CsvLayout.headerBytes(buffer, length, (byte) ',');
        DecodeOptions options =
                DecodeOptions.of(precision, 0).withSchemas(schema).withMemory(delta -> charged += delta);
        return new CsvDecoder(layout, options, 1 + RowEnds.newlines(buffer, 0, header)).decode(buffer, header, length);
    }

    private static List<String> rows(DecodedWrite write) {
        List<String> rows = new ArrayList<>();
        for (ColumnBatch batch : write.batches()) {
            DecodedRow.of(batch).forEach(row -> rows.add(row.toString()));
        }
        return rows;
    }

    private static List<ColumnType> types(DecodedWrite write) {
        return write.batches().get(0).columns().stream().map(Column::type).toList();
    }

    private static List<String> messages(DecodedWrite write) {
        return write.errors().stream().map(LineError::message).toList();
    }

    @Test
    void typesAreWhatAllValuesOfAColumnAre() {
        DecodedWrite write = decode(
                "time,host,i,f,mixed,b,s,big,none\n"
                        + "1700000000,a,1,1.5,1,true,x,1,\n"
                        + "1700000001,b,-2,2,2.5,FALSE,2,99999999999999999999,\n",
                "host");
        assertThat(write.rejectedRows()).isZero();
        assertThat(write.batches().get(0).columns())
                .containsExactly(
                        new Column("host", ColumnType.TAG),
                        new Column("i", ColumnType.INT64),
                        new Column("f", ColumnType.FLOAT64),
                        new Column("mixed", ColumnType.FLOAT64),
                        new Column("b", ColumnType.BOOLEAN),
                        new Column("s", ColumnType.STRING),
                        new Column("big", ColumnType.FLOAT64));
    }

    @Test
    void theSchemaDecidesAndWhatDoesNotFitIsABadRow() { // LESSONS 22, 64
        schema = name -> MeasurementSchema.of(
                List.of(
                        new Column("i", ColumnType.INT64),
                        new Column("f", ColumnType.FLOAT64),
                        new Column("u", ColumnType.UINT64),
                        new Column("b", ColumnType.BOOLEAN)),
                false);
        DecodedWrite write = decode("time,i,f,u,b\n" + "1700000000,1,1,18446744073709551615,true\n"
                + "1700000001,1.5,1,1,true\n" + "1700000002,1,x,1,true\n" + "1700000003,1,1,18446744073709551616,true\n"
                + "1700000004,1,1,1,yes\n" + "1700000005,,,7,\n");
        assertThat(write.acceptedRows()).isEqualTo(2);
        assertThat(types(write))
                .containsExactly(ColumnType.INT64, ColumnType.FLOAT64, ColumnType.UINT64, ColumnType.BOOLEAN);
        assertThat(messages(write))
                .containsExactly(
                        "value \"1.5\" of column \"i\" is no integer at line 3, column 12 (expected: integer)",
                        "value \"x\" of column \"f\" is no float at line 4, column 14 (expected: float)",
                        "value \"18446744073709551616\" of column \"u\" is no unsigned at line 5, column 16 (expected:"
                                + " unsigned)",
                        "value \"yes\" of column \"b\" is no boolean at line 6, column 18 (expected: boolean)");
    }

    @Test
    void quotesHoldDelimitersQuotesAndNewlines() { // RFC 4180
        DecodedWrite write = decode(
                "time,\"ho\"\"st\",s\r\n1700000000,\"a,\"\"b\"\"\",\"two\nlines\"\r\n1700000001,5\" pipe,plain\r\n\r\n"
                        + "x,\"a\",b\n",
                "ho\"st");
        assertThat(rows(write)).hasSize(2);
        assertThat(rows(write).get(0)).contains("a,\"b\"").contains("two\nlines");
        assertThat(rows(write).get(1)).contains("5\" pipe");
        assertThat(messages(write))
                .containsExactly(
                        "time \"x\" is not a time at line 6, column 1 (expected: an integer, or RFC 3339 such as"
                                + " 2024-02-29T12:00:00Z)");
    }

    @Test
    void aBrokenRowCostsItsLineAndNothingElse() { // LESSONS 16, 64
        DecodedWrite write = decode("time,v\n1700000000,1\n1700000001,\"a\"b\n1700000002\n1700000003,2,3\n"
                + "1700000004,\n,5\n1700000005,6\n1700000006,\"open\n1700000007,8");
        assertThat(write.acceptedRows()).isEqualTo(3);
        assertThat(messages(write))
                .containsExactly(
                        "text follows a closing quote at line 3, column 15 (expected: a delimiter or the end of the"
                                + " row)",
                        "row of 1 values at line 4, column 1 (expected: 2 values, as in the header row)",
                        "row of 3 values at line 5, column 1 (expected: 2 values, as in the header row)",
                        "row without a field at line 6, column 1 (expected: at least one value besides time and tags)",
                        "time is missing at line 7, column 1 (expected: an integer, or RFC 3339 such as"
                                + " 2024-02-29T12:00:00Z)",
                        "quoted value is not closed at line 9, column 12 (expected: a closing double quote)");
    }

    @Test
    void aRejectedRowLeavesNoTagValueBehind() { // LESSONS 16
        DecodedWrite write = decode("time,host,v\nx,rejected,1\n1700000000,kept,1\n", "host");
        assertThat(write.batches().get(0).series().dictionary(0).size()).isOne();
        assertThat(rows(write).get(0)).contains("kept");
    }

    @Test
    void timesAreThoseOfTheCalendar() {
        long seed = System.nanoTime();
        System.out.println("csv time seed " + seed);
        Random random = new Random(seed);
        NumberReader numbers = new NumberReader();
        CsvTime time = new CsvTime(Precision.NANOSECOND, numbers);
        for (int i = 0; i < 20_000; i++) {
            long seconds = (long) ((random.nextDouble() - 0.5) * 1.8e10);
            ZoneOffset zone = ZoneOffset.ofTotalSeconds(60 * (random.nextInt(36 * 60) - 18 * 60));
            int nanos = random.nextBoolean() ? 0 : random.nextInt(1_000_000_000);
            OffsetDateTime expected = OffsetDateTime.ofInstant(java.time.Instant.ofEpochSecond(seconds, nanos), zone);
            String text = java.time.format.DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss")
                            .format(expected)
                    + (nanos == 0 ? "" : "." + "%09d".formatted(nanos))
                    + (zone.equals(ZoneOffset.UTC) ? "Z" : offset(zone));
            byte[] buffer = bytes(text);
            assertThat(time.read(buffer, 0, buffer.length - 8)).as(text).isEqualTo(seconds * 1_000_000_000L + nanos);
        }
        for (String bad : List.of(
                "2023-02-29T00:00:00Z",
                "2024-13-01T00:00:00Z",
                "2024-00-01T00:00:00Z",
                "2024-01-01T24:00:00Z",
                "2024-01-01T00:00:00.Z",
                "2024-01-01T00:00:00+1:00",
                "2024-01-01X00:00:00Z",
                "1600-01-01T00:00:00Z",
                "2024-01-01T00:00:00.0000000001Z",
                "17e8",
                "")) {
            byte[] buffer = bytes(bad);
            assertThatThrownBy(() -> time.read(buffer, 0, buffer.length - 8))
                    .as(bad)
                    .isInstanceOf(LineFault.class);
        }
    }

    private static String offset(ZoneOffset zone) {
        int minutes = zone.getTotalSeconds() / 60;
        return "%s%02d:%02d".formatted(minutes < 0 ? "-" : "+", Math.abs(minutes) / 60, Math.abs(minutes) % 60);
    }

    @Test
    void integersAreTimesInThePrecisionAskedFor() {
        precision = Precision.MILLISECOND;
        assertThat(decode("v,time\n1,1700000000123\n").batches().get(0).timeMicros()[0])
                .isEqualTo(1_700_000_000_123_000L);
        precision = Precision.NANOSECOND;
        ColumnBatch nanos = decode("v,time\n1,1700000000123456789\n").batches().get(0);
        assertThat(nanos.timeMicros()[0]).isEqualTo(1_700_000_000_123_456L);
        assertThat(nanos.timeNanos()[0]).isEqualTo((short) 789);
    }

    @Test
    void aHeaderThatIsNoneIsRefused() {
        assertRefused("", "does not begin with a header row");
        assertRefused("a,b\n1,2\n", "no column \"time\"");
        assertRefused("time,a,a\n", "column 3 has the name of an earlier one, \"a\"");
        assertRefused("time,,a\n", "column 2 has no name");
        assertRefused("time,time_nanos\n", "\"time_nanos\" is reserved");
        assertRefused("time,a\n", "tag \"host\" is not a column", "host");
        assertRefused("time,host\n", "every column is a tag", "host");
        assertRefused("time," + "x".repeat(200) + "\n", "longer than 128 bytes");
    }

    @Test
    void columnsTheMeasurementCannotTakeAreRefused() { // invariant 3
        assertRefused("time,c" + numbered(1024) + "\n", "names 1026 columns (expected: at most 1024)");
        schema = name -> MeasurementSchema.of(
                List.of(new Column("host", ColumnType.FLOAT64), new Column("other", ColumnType.FLOAT64)), false);
        assertRefused("time,host,v\n1,a,1\n", "column \"host\" is a field of type float already", "host");
        assertRefused("time" + numbered(1023) + "\n", "would have 1025 columns (expected: at most 1024)");
    }

    private static String numbered(int columns) {
        StringBuilder names = new StringBuilder();
        for (int i = 0; i < columns; i++) {
            names.append(",n").append(i);
        }
        return names.toString();
    }

    private void assertRefused(String file, String message, String... tags) {
        assertThatThrownBy(() -> decode(file, tags))
                .isInstanceOf(WeirException.class)
                .hasMessageContaining(message);
    }

    @Test
    void whatIsChargedIsWhatTheBatchesHold() { // invariant 3
        String row = "1700000000,host,\"some text\",1.25\n";
        DecodedWrite write = decode("time,host,s,f\n" + row.repeat(5000) + "x,y,z,1\n", "host");
        assertThat(charged).isEqualTo(write.batches().get(0).sizeBytes());
        charged = 0;
        decode("time,v\nbad,1\n");
        assertThat(charged).isZero();
    }

    @Test
    void cutAnywhereIntoPiecesTheRowsAreTheSame() {
        long seed = Long.getLong("weir.csv.seed", System.nanoTime());
        System.out.println("csv cut seed " + seed);
        Random random = new Random(seed);
        String[] values = {"1", "\"a\"", "\"a\nb\"", "\"say \"\"hi\"\"\"", "x\"y", "\"\"", "plain", "\r", "\"c\r\nd\""};
        for (int round = 0; round < 300; round++) {
            StringBuilder file = new StringBuilder("time,v,w\n");
            int rows = 1 + random.nextInt(40);
            for (int i = 0; i < rows; i++) {
                file.append(1_700_000_000 + i).append(',');
                file.append(values[random.nextInt(values.length)]).append(',');
                file.append(values[random.nextInt(values.length)]);
                file.append(random.nextBoolean() ? "\n" : "\r\n");
            }
            schema = name -> MeasurementSchema.of(
                    List.of(new Column("v", ColumnType.STRING), new Column("w", ColumnType.STRING)), false);
            List<String> whole = rows(decode(file.toString()));
            List<String> pieces = new ArrayList<>();
            byte[] all = bytes(file.toString());
            int at = 9;
            int line = 2;
            CsvLayout layout = CsvLayout.of(all, all.length - 8, "m", "time", Set.of(), (byte) ',');
            while (at < all.length - 8) {
                int length = Math.min(60 + random.nextInt(60), all.length - 8 - at);
                byte[] buffer = Arrays.copyOf(Arrays.copyOfRange(all, at, at + length), length + 8);
                int end = at + length == all.length - 8 ? length : RowEnds.ofCsv(buffer, length, (byte) ',');
                DecodeOptions options = DecodeOptions.of(precision, 0).withSchemas(schema);
                pieces.addAll(rows(new CsvDecoder(layout, options, line).decode(buffer, 0, end)));
                line += RowEnds.newlines(buffer, 0, end);
                at += end;
            }
            assertThat(pieces).as("seed %d, round %d", seed, round).isEqualTo(whole);
        }
    }
}
