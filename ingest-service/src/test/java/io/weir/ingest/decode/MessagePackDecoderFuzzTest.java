package io.weir.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.ingest.IngestError;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

/** The MessagePack decoder against the reference: the same rows or none, and no byte of memory unaccounted for. */
class MessagePackDecoderFuzzTest {

    private static final MeasurementSchema CPU = MeasurementSchema.of(
            List.of(
                    new Column("host", ColumnType.TAG),
                    new Column("usage", ColumnType.FLOAT64),
                    new Column("count", ColumnType.UINT64),
                    new Column("name", ColumnType.STRING)),
            false);

    @Test
    void agreesWithTheReference() { // LESSONS 9, 17
        AtomicLongArray outcomes = new AtomicLongArray(2);
        FuzzCases.run("messagepack", FuzzCases.DIFFERENTIAL, random -> outcomes.incrementAndGet(compare(random)));
        // Both sides would agree on nothing but faults, too.
        assertThat(outcomes.get(0)).isLessThan(4 * outcomes.get(1) + 1);
    }

    /** Runs one case; returns 1 when it was sound, else 0. */
    private static int compare(Random random) {
        byte[] body = new RandomMessagePack(random).request();
        AtomicLong charged = new AtomicLong();
        boolean known = random.nextBoolean();
        Precision precision = Precision.values()[random.nextInt(Precision.values().length)];
        int batchBytes = random.nextInt(10) == 0 ? 2_000 : 32 << 20;
        DecodeOptions options = DecodeOptions.of(precision, 1_650_000_000_123_456_789L)
                .withSchemas(name -> known && name.equals("cpu") ? CPU : null)
                .withLimits(new DecodeLimits(1 << 20, 1_024, 100, batchBytes))
                .withMemory(charged::addAndGet);
        ReferenceMessagePackDecoder reference = new ReferenceMessagePackDecoder(options);
        boolean sound = reference.decode(body);
        MessagePackDecoder decoder = new MessagePackDecoder(options);
        FuzzBytes.feed(body, random, decoder::feed);
        String shown = precision + (known ? ", known " : " ") + HexFormat.of().formatHex(body);
        try {
            DecodedWrite write = decoder.finish();
            assertThat(sound).as("sound by the reference: %s", shown).isTrue();
            assertThat(sorted(DecodedRow.byMeasurement(write.batches())))
                    .as(shown)
                    .isEqualTo(sorted(reference.rows));
            assertThat(charged.get())
                    .as(shown)
                    .isEqualTo(write.batches().stream()
                            .mapToLong(ColumnBatch::sizeBytes)
                            .sum());
        } catch (WeirException e) {
            assertThat(e.code()).as(shown).isEqualTo(IngestError.INVALID_MESSAGEPACK);
            assertThat(sound)
                    .as("%s, but sound by the reference: %s", e.getMessage(), shown)
                    .isFalse();
            assertThat(charged.get()).as(shown).isEqualTo(decoder.chargedBytes());
        }
        return sound ? 1 : 0;
    }

    /** Columns come before rows in what the decoder returns. */
    private static Map<String, List<DecodedRow>> sorted(Map<String, List<DecodedRow>> rows) {
        Map<String, List<DecodedRow>> sorted = new TreeMap<>();
        rows.forEach((measurement, list) -> sorted.put(
                measurement,
                list.stream().sorted(Comparator.comparing(DecodedRow::toString)).toList()));
        return sorted;
    }
}
