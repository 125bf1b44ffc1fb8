package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assertions;
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

    @Test
    void agreesWithTheReferenceOnMutatedBodies() {
        long seed = System.nanoTime();
        Assertions.assertTimeout(Duration.ofSeconds(120), () -> {
            for (int i = 0; i < 50_000; i++) {
                Random random = new Random(seed + i);
                compare(mutate(body(random), random), random, "seed " + (seed + i));
            }
        });
    }

    @Test
    void agreesWithTheReferenceOnRawBytes() {
        long seed = System.nanoTime();
        for (int i = 0; i < 10_000; i++) {
            Random random = new Random(seed + i);
            byte[] body = new byte[random.nextInt(120)];
            random.nextBytes(body);
            compare(body, random, "seed " + (seed + i));
        }
    }

    private static byte[] body(Random random) {
        StringBuilder body = new StringBuilder();
        for (int n = 1 + random.nextInt(8); n > 0; n--) {
            body.append(LINES[random.nextInt(LINES.length)]);
        }
        return body.toString().getBytes(UTF_8);
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

    private static void compare(byte[] body, Random random, String label) {
        Precision precision = Precision.values()[random.nextInt(Precision.values().length)];
        long receiveTime = 1_650_000_000_123_456_789L;
        ReferenceLineDecoder reference = new ReferenceLineDecoder(precision, receiveTime);
        reference.decode(body);
        AtomicLong charged = new AtomicLong();
        DecodeOptions options = DecodeOptions.of(precision, receiveTime)
                .withLimits(new DecodeLimits(1 << 20, 1_024, 1_000, random.nextInt(10) == 0 ? 2_000 : 32 << 20))
                .withMemory(charged::addAndGet)
                .withBodyBytes(random.nextInt(3) == 0 ? random.nextInt(100_000) : body.length);
        if (random.nextInt(4) > 0) {
            options = options.withSeries(REMEMBERED.of(new DatabaseId("org", "db" + random.nextInt(5))));
        }
        DecodedWrite write = decode(body, random, options);

        long rows = reference.rows.values().stream().mapToLong(List::size).sum();
        long bytes = write.batches().stream().mapToLong(ColumnBatch::sizeBytes).sum();
        boolean equal = DecodedRow.byMeasurement(write.batches()).equals(reference.rows)
                && write.errors().stream().map(LineError::lineNumber).toList().equals(reference.badLines)
                && write.rejectedRows() == reference.badLines.size()
                && write.acceptedRows() == rows
                && charged.get() == bytes;
        if (!equal) {
            String shown = label + " " + precision + "\n" + new String(body, ISO_8859_1);
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
        int style = random.nextInt(3);
        for (int at = 0; at < body.length; ) {
            int length = style == 0 ? body.length : style == 1 ? 1 + random.nextInt(3) : 1 + random.nextInt(60);
            length = Math.min(length, body.length - at);
            // Surrounding garbage must not be read as part of the piece.
            byte[] piece = new byte[length + 20];
            random.nextBytes(piece);
            System.arraycopy(body, at, piece, 10, length);
            decoder.feed(piece, 10, length);
            at += length;
        }
        return decoder.finish();
    }
}
