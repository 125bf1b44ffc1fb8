package io.weir.ingest.decode.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.FuzzBytes;
import io.weir.ingest.decode.FuzzCases;
import io.weir.ingest.decode.LineError;
import io.weir.ingest.decode.Precision;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The JSON decoders against the reference: the same rows, the same bad lines, and no byte of memory unaccounted for. */
class JsonDecoderFuzzTest {

    private static final MeasurementSchema CPU = MeasurementSchema.of(
            List.of(
                    new Column("host", ColumnType.TAG),
                    new Column("usage", ColumnType.FLOAT64),
                    new Column("count", ColumnType.UINT64),
                    new Column("name", ColumnType.STRING),
                    new Column("ok", ColumnType.BOOLEAN)),
            false);

    @Test
    void linesAgreeWithTheReference() { // LESSONS 9, 16, 17, 61, 64
        FuzzCases.run("ndjson", FuzzCases.DIFFERENTIAL, random -> {
            byte[] body = new RandomJson(random).lines();
            AtomicLong charged = new AtomicLong();
            DecodeOptions options = options(random, charged);
            RowDefaults defaults = defaults(random);
            ReferenceJsonDecoder reference = new ReferenceJsonDecoder(options, defaults);
            reference.decodeLines(body);
            NdjsonDecoder decoder = new NdjsonDecoder(options, defaults);
            FuzzBytes.feed(body, random, decoder::feed);
            DecodedWrite write = decoder.finish();
            compare(reference, write, charged, body);
            assertThat(write.errors())
                    .as(() -> new String(body, ISO_8859_1))
                    .extracting(LineError::lineNumber)
                    .isEqualTo(reference.badLines);
        });
    }

    @Test
    void documentsAgreeWithTheReference() { // LESSONS 16, 17, 64
        FuzzCases.run("json", FuzzCases.DIFFERENTIAL / 2, random -> {
            byte[] body = new RandomJson(random).document();
            AtomicLong charged = new AtomicLong();
            DecodeOptions options = options(random, charged);
            RowDefaults defaults = defaults(random);
            ReferenceJsonDecoder reference = new ReferenceJsonDecoder(options, defaults);
            reference.decodeDocument(body);
            JsonDecoder decoder = new JsonDecoder(options, defaults);
            FuzzBytes.feed(body, random, decoder::feed);
            compare(reference, decoder.finish(), charged, body);
        });
    }

    private static DecodeOptions options(Random random, AtomicLong charged) {
        Precision precision = Precision.values()[random.nextInt(Precision.values().length)];
        int lineBytes = random.nextInt(10) == 0 ? 64 : 1 << 20;
        int columns = random.nextInt(10) == 0 ? 7 : 1_024;
        int batchBytes = random.nextInt(10) == 0 ? 2_000 : 32 << 20;
        boolean known = random.nextBoolean();
        return DecodeOptions.of(precision, 1_650_000_000_123_456_789L)
                .withSchemas(name -> known && name.equals("cpu") ? CPU : null)
                .withLimits(new DecodeLimits(lineBytes, columns, 1_000, batchBytes))
                .withMemory(charged::addAndGet);
    }

    private static RowDefaults defaults(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> RowDefaults.NONE;
            case 1 -> new RowDefaults("cpu", Set.of("host", "region"));
            case 2 -> new RowDefaults("flat", Set.of("host", "v", "m"));
            default -> new RowDefaults("cpu", Set.of());
        };
    }

    private static void compare(ReferenceJsonDecoder reference, DecodedWrite write, AtomicLong charged, byte[] body) {
        long rows = reference.rows.values().stream().mapToLong(List::size).sum();
        assertThat(DecodedRow.byMeasurement(write.batches()).equals(reference.rows))
                .as(() -> new String(body, ISO_8859_1) + "\n" + write.errors() + "\n"
                        + DecodedRow.byMeasurement(write.batches()) + "\nexpected\n" + reference.rows)
                .isTrue();
        assertThat(List.of(write.acceptedRows(), write.rejectedRows(), charged.get()))
                .as(() -> new String(body, ISO_8859_1))
                .containsExactly(
                        rows,
                        (long) reference.badLines.size(),
                        write.batches().stream()
                                .mapToLong(ColumnBatch::sizeBytes)
                                .sum());
    }
}
