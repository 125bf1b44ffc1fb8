package io.weir.ingest.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.StringColumn;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** What is remembered of columnar requests saves work and changes nothing (P4: it is bounded and charged). */
class KnownTextsTest {

    private static final DatabaseId DATABASE = new DatabaseId("org", "db");

    private final AtomicLong charged = new AtomicLong();
    private final SeriesMemory memory = new SeriesMemory(4 << 20, charged::addAndGet);

    @Test
    void batchesOfLikeRequestsShareTheirTexts() {
        StringColumn first = texts(decode(body(1, 500, 7), options()), "host");
        StringColumn second = texts(decode(body(2, 500, 7), options()), "host");
        assertThat(second).isSameAs(first);
        assertThat(second.get(13)).isEqualTo("host_" + 13 % 7);
        assertThat(charged.get()).isPositive().isEqualTo(memory.sizeBytes());
    }

    @Test
    void whatDiffersAnywhereIsDecodedAnew() {
        byte[] body = body(1, 500, 7);
        decode(body, options());
        for (int at = 0; at < body.length; at += 3) {
            byte[] other = body.clone();
            other[at] ^= 1;
            assertThat(outcome(other, options())).as("byte %d", at).isEqualTo(outcome(other, plain()));
        }
        for (int length = 1; length < body.length; length += 7) {
            byte[] cut = Arrays.copyOf(body, length);
            assertThat(outcome(cut, options())).as("cut at %d", length).isEqualTo(outcome(cut, plain()));
        }
    }

    @Test
    void schemaOfTheRequestCountsNotThatOfTheOneBefore() {
        byte[] body = body(1, 200, 5);
        decode(body, options());
        SchemaLookup tag = schema(ColumnType.TAG);
        assertThat(outcome(body, options().withSchemas(tag))).isEqualTo(outcome(body, plain().withSchemas(tag)));
        SchemaLookup number = schema(ColumnType.INT64);
        assertThatThrownBy(() -> decode(body, options().withSchemas(number)))
                .isInstanceOf(WeirException.class)
                .hasMessageContaining("is integer but the value is string");
    }

    @Test
    void tagsAreRecognisedToo() {
        SchemaLookup tag = schema(ColumnType.TAG);
        DecodeOptions tagged = options().withSchemas(tag);
        for (int i = 0; i < 3; i++) {
            byte[] body = body(i, 300, 1 + 100 * i);
            assertThat(outcome(body, tagged)).isEqualTo(outcome(body, plain().withSchemas(tag)));
            assertThat(outcome(body, tagged)).isEqualTo(outcome(body, plain().withSchemas(tag)));
            assertThat(outcome(body, options())).isEqualTo(outcome(body, plain()));
            assertThat(outcome(body, tagged)).isEqualTo(outcome(body, plain().withSchemas(tag)));
        }
    }

    @Test
    void columnsOfNothingButNilStayNothing() {
        SchemaLookup tag = schema(ColumnType.TAG);
        byte[] body = body(1, 300, 0);
        for (SchemaLookup schema : List.of(SchemaLookup.NONE, tag)) {
            Object expected = outcome(body, plain().withSchemas(schema));
            assertThat(outcome(body, options().withSchemas(schema))).isEqualTo(expected);
            assertThat(outcome(body, options().withSchemas(schema))).isEqualTo(expected);
        }
    }

    @Test
    void databasesShareNothing() {
        StringColumn first = texts(decode(body(1, 200, 5), options()), "host");
        DecodeOptions other = plain().withSeries(memory.of(new DatabaseId("other", "db")));
        assertThat(texts(decode(body(1, 200, 5), other), "host")).isNotSameAs(first);
    }

    @Test
    void memoryStaysBoundedWhateverComes() {
        Random random = new Random(1);
        for (int i = 0; i < 400; i++) {
            byte[] body = body(i, 100 + random.nextInt(2_000), 1 + random.nextInt(30));
            assertThat(outcome(body, options())).as("request %d", i).isEqualTo(outcome(body, plain()));
            assertThat(charged.get()).isEqualTo(memory.sizeBytes()).isLessThanOrEqualTo(4 << 20);
        }
        // A client that never repeats itself is not remembered each time, and one that does is again.
        StringColumn first = null;
        boolean shared = false;
        for (int i = 0; i < 20_000 && !shared; i++) {
            StringColumn next = texts(decode(body(7, 3_000, 9), options()), "host");
            shared = next == first;
            first = next;
        }
        assertThat(shared).isTrue();
    }

    @Test
    void randomRequestsDecodeAsWithoutMemory() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] body = body(random.nextInt(3), 64 + random.nextInt(3), 1 + random.nextInt(4));
            if (random.nextInt(4) == 0) {
                body[random.nextInt(body.length)] = (byte) random.nextInt(256);
            }
            assertThat(outcome(body, options()))
                    .as("seed %d, request %d", seed, i)
                    .isEqualTo(outcome(body, plain()));
        }
    }

    private DecodeOptions options() {
        return plain().withSeries(memory.of(DATABASE));
    }

    private static DecodeOptions plain() {
        return DecodeOptions.of(Precision.NANOSECOND, 7);
    }

    private static SchemaLookup schema(ColumnType host) {
        MeasurementSchema schema = MeasurementSchema.of(List.of(new Column("host", host)), false);
        return name -> schema;
    }

    private static DecodedWrite decode(byte[] body, DecodeOptions options) {
        MessagePackDecoder decoder = new MessagePackDecoder(options);
        decoder.feed(body, 0, body.length);
        return decoder.finish();
    }

    private static Object outcome(byte[] body, DecodeOptions options) {
        try {
            return DecodedRow.of(decode(body, options).batches().get(0));
        } catch (WeirException e) {
            return e.getMessage();
        }
    }

    private static StringColumn texts(DecodedWrite write, String column) {
        return write.batches().get(0).fields().stream()
                .filter(field -> field.name().equals(column))
                .map(StringColumn.class::cast)
                .findFirst()
                .orElseThrow();
    }

    /** Columns of time, host (nil where there are no hosts), a place that is missing in each 50th row, and a value. */
    private static byte[] body(int place, int rows, int hosts) {
        try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
            packer.packMapHeader(2).packString("m").packString("cpu").packString("columns");
            packer.packMapHeader(4).packString("time").packArrayHeader(rows);
            for (int row = 0; row < rows; row++) {
                packer.packLong(1_700_000_000_000_000_000L + row);
            }
            packer.packString("host").packArrayHeader(rows);
            for (int row = 0; row < rows; row++) {
                if (hosts == 0) {
                    packer.packNil();
                } else {
                    packer.packString(row % hosts == 3 ? "" : "host_" + row % hosts);
                }
            }
            packer.packString("place").packArrayHeader(rows);
            for (int row = 0; row < rows; row++) {
                if (row % 50 == 3) {
                    packer.packNil();
                } else {
                    packer.packString("place " + place + "." + row % 3);
                }
            }
            packer.packString("v").packArrayHeader(rows);
            for (int row = 0; row < rows; row++) {
                packer.packInt(row * 1_000 + place);
            }
            return packer.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
