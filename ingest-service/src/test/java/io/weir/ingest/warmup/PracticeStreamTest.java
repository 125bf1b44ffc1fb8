package io.weir.ingest.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampMicroTZVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.junit.jupiter.api.Test;

/** The Arrow stream that practice posts is kept as a file, because the server itself reads Arrow without Arrow's vectors. */
class PracticeStreamTest {

    private static final int ROWS = 1_000;
    private static final int DEVICES = 250;

    @Test
    void theFileIsWhatArrowWrites() throws IOException {
        assertThat(PracticeBodies.arrowStream()).isEqualTo(written());
    }

    private static byte[] written() throws IOException {
        DictionaryEncoding encoding = new DictionaryEncoding(1, false, new ArrowType.Int(16, true));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (BufferAllocator allocator = new RootAllocator();
                VarCharVector devices = new VarCharVector("devices", allocator);
                TimeStampMicroTZVector time = new TimeStampMicroTZVector(
                        new Field(
                                "time",
                                FieldType.notNullable(new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC")),
                                null),
                        allocator);
                SmallIntVector device = new SmallIntVector(
                        new Field("device", new FieldType(false, new ArrowType.Int(16, true), encoding), null),
                        allocator);
                BigIntVector people = new BigIntVector("people", allocator);
                Float8Vector warmth = new Float8Vector("warmth", allocator)) {
            IntStream.range(0, DEVICES).forEach(i -> devices.setSafe(i, ("d" + i).getBytes(StandardCharsets.UTF_8)));
            devices.setValueCount(DEVICES);
            SplittableRandom random = new SplittableRandom(1);
            for (int row = 0; row < ROWS; row++) {
                time.setSafe(row, 1_700_000_000_000_000L + 10_000_000L * (row / DEVICES));
                device.setSafe(row, row % DEVICES);
                people.setSafe(row, random.nextInt(100));
                warmth.setSafe(row, random.nextInt(400) / 10.0);
            }
            MapDictionaryProvider dictionaries = new MapDictionaryProvider();
            dictionaries.put(new Dictionary(devices, encoding));
            VectorSchemaRoot root = new VectorSchemaRoot(List.of(time, device, people, warmth));
            root.setRowCount(ROWS);
            try (ArrowStreamWriter writer = new ArrowStreamWriter(root, dictionaries, Channels.newChannel(bytes))) {
                writer.start();
                writer.writeBatch();
                writer.end();
            }
        }
        return bytes.toByteArray();
    }
}
