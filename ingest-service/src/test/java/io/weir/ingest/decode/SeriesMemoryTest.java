package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.DatabaseId;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SeriesMemoryTest {

    private static final DatabaseId DATABASE = new DatabaseId("org", "db");

    private final AtomicLong charged = new AtomicLong();
    private final SeriesMemory memory = new SeriesMemory(1 << 20, charged::addAndGet);

    @Test
    void keysOfOneRequestAreKnownToTheNext() {
        decode(rows(0, 100), options(DATABASE));
        SeriesBook book = memory.of(DATABASE).book();
        assertThat(book.size()).isEqualTo(100);

        DecodedWrite write = decode(rows(50, 60), options(DATABASE));
        assertThat(book.hits()).isEqualTo(10);
        assertThat(book.misses()).isZero();
        assertThat(DecodedRow.of(write.batches().get(0)))
                .isEqualTo(DecodedRow.of(decode(rows(50, 60), plain()).batches().get(0)));
        // Nothing of the other ninety series is in this batch.
        assertThat(write.batches().get(0).series().size()).isEqualTo(10);
        assertThat(write.batches().get(0).series().dictionary(0).size()).isEqualTo(10);
    }

    @Test
    void databasesShareNothing() {
        decode(rows(0, 100), options(DATABASE));
        assertThat(memory.of(new DatabaseId("other", "db")).book().size()).isZero();
    }

    @Test
    void keysWithEscapesAreReadEachTime() {
        String body = "m,a\\ b=c\\,d v=1\nm,e=f v=2\n";
        decode(body, options(DATABASE));
        assertThat(memory.of(DATABASE).book().size()).isEqualTo(1);
        DecodedWrite write = decode(body, options(DATABASE));
        assertThat(DecodedRow.of(write.batches().get(0)).get(0).tags()).containsExactly(entry("a b", "c,d"));
    }

    @Test
    void schemaOfTheRequestCountsNotThatOfTheOneBefore() {
        decode("m,host=a v=1\n", options(DATABASE));
        MeasurementSchema schema = MeasurementSchema.of(List.of(new Column("host", ColumnType.STRING)), false);
        DecodedWrite write = decode("m,host=a v=1\n", options(DATABASE).withSchemas(name -> schema));

        assertThat(write.acceptedRows()).isZero();
        assertThat(write.errors())
                .singleElement()
                .satisfies(
                        error -> assertThat(error.message())
                                .isEqualTo(
                                        "tag \"host\" is already a field at line 1, column 3 (expected: a tag of another name)"));
    }

    @Test
    void tagsThatAreKnownCannotComeAsFields() {
        String body = "m,host=a host=1\nm,host=a v=1\n";
        decode("m,host=a v=1\n", options(DATABASE));
        DecodedWrite write = decode(body, options(DATABASE));

        assertThat(write.acceptedRows()).isEqualTo(1);
        assertThat(write.errors()).isEqualTo(decode(body, plain()).errors());
        assertThat(write.errors())
                .singleElement()
                .satisfies(error ->
                        assertThat(error.message()).startsWith("field \"host\" is already a tag at line 1, column 10"));
    }

    @Test
    void tooManyColumnsAreRefusedAsBefore() {
        decode("m,a=1,b=2,c=3 v=1\n", options(DATABASE));
        DecodeLimits three = new DecodeLimits(1_000, 3, 100, 1 << 20);
        String body = "m,a=1,b=2,c=3 v=1\nm,a=1 v=1\n";
        DecodedWrite write = decode(body, options(DATABASE).withLimits(three));

        assertThat(write.errors())
                .isEqualTo(decode(body, plain().withLimits(three)).errors());
        assertThat(write.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(LineError.Kind.LIMIT));
        assertThat(write.batches().get(0).columns()).hasSize(2);
    }

    @Test
    void holdsNoMoreThanItMay() {
        for (int database = 0; database < 50; database++) {
            for (int body = 0; body < 10; body++) {
                decode(rows(body * 2_000, body * 2_000 + 2_000), options(new DatabaseId("org", "db" + database)));
                assertThat(memory.sizeBytes()).isPositive().isLessThanOrEqualTo(1 << 20);
                assertThat(charged).hasValue(memory.sizeBytes());
            }
        }
        assertThat(memory.of(new DatabaseId("org", "db0")).book().size()).isZero();
        assertThat(memory.of(new DatabaseId("org", "db49")).book().size()).isPositive();
    }

    @Test
    void seriesThatNeverComeAgainAreNotLearntForEver() {
        int learnt = 0;
        SeriesBook before = memory.of(DATABASE).book();
        for (int body = 0; body < 1_000; body++) {
            decode(rows(body * 100, body * 100 + 100), options(DATABASE));
            SeriesBook after = memory.of(DATABASE).book();
            learnt += after == before ? 0 : 1;
            before = after;
        }
        assertThat(learnt).isBetween(1, 60);
    }

    private DecodeOptions options(DatabaseId database) {
        return plain().withSeries(memory.of(database));
    }

    private static DecodeOptions plain() {
        return DecodeOptions.of(Precision.NANOSECOND, 0);
    }

    private static String rows(int from, int to) {
        StringBuilder body = new StringBuilder();
        for (int host = from; host < to; host++) {
            body.append("cpu,host=h").append(host).append(",region=r").append(host % 3);
            body.append(" usage=").append(host % 100).append("i 1700000000000000000\n");
        }
        return body.toString();
    }

    private static DecodedWrite decode(String body, DecodeOptions options) {
        LineProtocolDecoder decoder = new LineProtocolDecoder(options);
        byte[] bytes = body.getBytes(UTF_8);
        decoder.feed(bytes, 0, bytes.length);
        return decoder.finish();
    }

    private static java.util.Map.Entry<String, String> entry(String name, String value) {
        return java.util.Map.entry(name, value);
    }
}
