package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LineProtocolDecoderFuzzTest {

    /** What is remembered of other bodies must not show in this one, nor that little can be remembered. */
    private static final SeriesMemory REMEMBERED = new SeriesMemory(60_000, delta -> {});

    private static final String[] PIECES = {
        "cpu",
        "m",
        "host",
        "région",
        "v",
        "w",
        "time",
        ",",
        ",",
        "=",
        "=",
        " ",
        " ",
        "\n",
        "\n",
        "\"",
        "\"",
        "\\",
        "\\",
        "\r\n",
        "\t",
        "#",
        "1",
        "42i",
        "7u",
        "-3.5",
        "1e5",
        ".5",
        "9223372036854775808i",
        "18446744073709551615u",
        "true",
        "F",
        "\u0001",
        "日本",
        "\ud83c\udf7a",
        "1700000000",
        "1700000000000000001",
        "-1",
        "i",
        "e",
        ".",
        "0",
        "m v=1\n",
        "cpu,host=a v=\"x\ny\",w=2i 5\n",
        "_x v=1",
        " = "
    };

    private static final String[] NAMES = {
        "cpu", "mem", "host", "usage", "count", "v", "a\\ b", "x\\,y", "z\\=1", "région", "日本", "back\\slash", "q\"uote"
    };

    private static final String[] TAG_VALUES = {
        "a",
        "b",
        "host_17",
        "two\\ words",
        "x=y",
        "c\\,d",
        "\"quoted\"",
        "é",
        "\ud83c\udf7a",
        "C:\\temp",
        "\\",
        "\u0001"
    };

    private static final String[] VALUES = {
        "1",
        "1.5",
        "-0",
        "-0.0",
        "0.1234567890123456789",
        "1e308",
        "1e309",
        "5e-324",
        "1e-400",
        "123456789012345678901",
        ".5",
        "1.",
        "42i",
        "-7i",
        "9223372036854775807i",
        "-9223372036854775808i",
        "9223372036854775808i",
        "7u",
        "-7u",
        "18446744073709551615u",
        "18446744073709551616u",
        "000000000000000000000012i",
        "t",
        "F",
        "TRUE",
        "False",
        "tRUE",
        "\"text\"",
        "\"\"",
        "\"two\nlines\"",
        "\"q\\\"uo\\\\te\"",
        "\"C:\\temp\"",
        "\"日本 \ud83c\udf7a\"",
        "\"not closed"
    };

    private static final String[] TIMES = {
        "0",
        "-1",
        "4999999999",
        "5000000000",
        "-5000000000",
        "4999999999999",
        "5000000000000",
        "5000000000000000",
        "9223372036854775807",
        "-9223372036854775808",
        "9223372036854775808",
        "9223372036",
        "9223372037",
        "1700000000.5",
        "0x10",
        "+5",
        "2562047",
        "153722867"
    };

    private static final String[] LINES = {
        "cpu,host=a,region=eu usage=1.5,count=3i,ok=true,name=\"x y\" 1700000000000000000\n",
        "cpu,region=eu,host=a usage=2,count=4i 1700000000000000001\n",
        "cpu,host=b usage=0.1234567890123456 1700000000000000002\r\n",
        "m v=1\n",
        "m v=2i\n",
        "m,k=v\\ w,x\\,y=z\\=1 a\\ b=\"q\\\"u\\\\o\" -5\n",
        "# comment \" with quote\n",
        "\n",
        "  mem,host=é used=18446744073709551615u,free=-9223372036854775808i   12   \n",
        "log text=\"two\nlines\",level=7i 1\n",
        "cpu,host=a,region=eu host=1,usage=2\n",
        "cpu,host=b,usage=c usage=12345678.5,count=12345678i,free=-3.25 1700000000000000002\n",
        "disk v=t,w=False,x=1e-7,y=123456789.987654321,z=1.7976931348623157e308\n",
    };

    private static final MeasurementSchema CPU = MeasurementSchema.of(
            List.of(
                    new Column("host", ColumnType.TAG),
                    new Column("usage", ColumnType.FLOAT64),
                    new Column("count", ColumnType.INT64),
                    new Column("v", ColumnType.STRING)),
            false);

    @Test
    void agreesWithTheReferenceOnMutatedBodies() { // LESSONS 16, 61, 64
        FuzzCases.run("line protocol", FuzzCases.DIFFERENTIAL, random -> compare(mutate(body(random), random), random));
    }

    @Test
    void agreesWithTheReferenceOnRawBytes() {
        FuzzCases.run("line protocol, raw bytes", FuzzCases.DIFFERENTIAL / 5, random -> {
            byte[] body = new byte[random.nextInt(120)];
            random.nextBytes(body);
            compare(body, random);
        });
    }

    private static byte[] body(Random random) {
        StringBuilder body = new StringBuilder();
        for (int n = 1 + random.nextInt(8); n > 0; n--) {
            body.append(random.nextBoolean() ? LINES[random.nextInt(LINES.length)] : line(random));
        }
        return body.toString().getBytes(UTF_8);
    }

    /** A line made up of names, values and a time that are each hard in their own way; now and then a wide one. */
    private static String line(Random random) {
        StringBuilder line = new StringBuilder(pick(random, NAMES));
        for (int n = random.nextInt(4); n > 0; n--) {
            line.append(',').append(pick(random, NAMES)).append(n).append('=').append(pick(random, TAG_VALUES));
        }
        int fields = random.nextInt(20) == 0 ? 40 : 1 + random.nextInt(4);
        for (int n = 0; n < fields; n++) {
            line.append(n == 0 ? ' ' : ',').append(pick(random, NAMES));
            line.append(random.nextInt(8) == 0 ? "" : n).append('=').append(pick(random, VALUES));
        }
        if (random.nextInt(4) > 0) {
            line.append(' ')
                    .append(random.nextInt(3) == 0 ? pick(random, TIMES) : random.nextLong() >> random.nextInt(64));
        }
        return line.append(random.nextInt(4) == 0 ? "\r\n" : "\n").toString();
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    private static byte[] mutate(byte[] body, Random random) {
        byte[] bytes = body;
        for (int n = random.nextInt(6); n > 0; n--) {
            int at = random.nextInt(bytes.length + 1);
            int cut = random.nextInt(3) == 0 ? Math.min(random.nextInt(4), bytes.length - at) : 0;
            byte[] piece = random.nextInt(12) == 0
                    ? new byte[] {(byte) random.nextInt(256)}
                    : PIECES[random.nextInt(PIECES.length)].getBytes(UTF_8);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(bytes, 0, at);
            out.write(piece, 0, random.nextInt(8) == 0 ? 0 : piece.length);
            out.write(bytes, at + cut, bytes.length - at - cut);
            bytes = out.toByteArray();
        }
        return bytes;
    }

    private static void compare(byte[] body, Random random) {
        Precision precision = Precision.values()[random.nextInt(Precision.values().length)];
        boolean known = random.nextBoolean();
        int lineBytes = random.nextInt(10) == 0 ? 20 + random.nextInt(60) : 1 << 20;
        int columns = random.nextInt(10) == 0 ? 5 : 1_024;
        AtomicLong charged = new AtomicLong();
        DecodeOptions options = DecodeOptions.of(precision, 1_650_000_000_123_456_789L)
                .withSchemas(name -> known && name.equals("cpu") ? CPU : null)
                .withLimits(new DecodeLimits(lineBytes, columns, 1_000, random.nextInt(10) == 0 ? 2_000 : 32 << 20))
                .withMemory(charged::addAndGet)
                .withBodyBytes(random.nextInt(3) == 0 ? random.nextInt(100_000) : body.length);
        if (random.nextInt(4) > 0) {
            options = options.withSeries(REMEMBERED.of(new DatabaseId("org", "db" + random.nextInt(5))));
        }
        ReferenceLineDecoder reference = new ReferenceLineDecoder(options);
        reference.decode(body);
        DecodedWrite write = decode(body, random, options);

        long rows = reference.rows.values().stream().mapToLong(List::size).sum();
        long bytes = write.batches().stream().mapToLong(ColumnBatch::sizeBytes).sum();
        boolean equal = DecodedRow.byMeasurement(write.batches()).equals(reference.rows)
                && write.errors().stream().map(LineError::lineNumber).toList().equals(reference.badLines)
                && write.rejectedRows() == reference.badLines.size()
                && write.acceptedRows() == rows
                && charged.get() == bytes;
        if (!equal) {
            String shown = options + "\n" + new String(body, ISO_8859_1);
            assertThat(DecodedRow.byMeasurement(write.batches())).as(shown).isEqualTo(reference.rows);
            assertThat(write.errors())
                    .as(shown)
                    .extracting(LineError::lineNumber)
                    .isEqualTo(reference.badLines);
            assertThat(List.of(write.rejectedRows(), write.acceptedRows(), charged.get()))
                    .as(shown)
                    .containsExactly((long) reference.badLines.size(), rows, bytes);
        }
    }

    private static DecodedWrite decode(byte[] body, Random random, DecodeOptions options) {
        LineProtocolDecoder decoder = new LineProtocolDecoder(options);
        FuzzBytes.feed(body, random, decoder::feed);
        return decoder.finish();
    }
}
