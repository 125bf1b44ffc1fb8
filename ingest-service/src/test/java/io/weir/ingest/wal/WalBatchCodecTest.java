package io.weir.ingest.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.schema.ColumnType;
import io.weir.ingest.wal.FrameFormat.FrameHeader;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WalBatchCodecTest {

    private static final FrameOutput OUTPUT = new FrameOutput(new UUID(1, 2), 4096);

    @Test
    void everyBatchComesBackAsItWas() throws Exception {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        RandomBatches batches = new RandomBatches(seed);
        for (int i = 0; i < 600; i++) {
            ColumnBatch batch = batches.next();
            byte[] body = body(batch);
            WalAppend decoded = WalBatchDecoder.decode(body, 0, body.length, 1);
            assertThat(decoded.database()).isEqualTo(SteppedLog.DATABASE);
            BatchAssert.assertSame(decoded.batches().get(0), batch);
            assertThat(body(decoded.batches().get(0))).isEqualTo(body);
        }
    }

    @Test
    void damagedBodiesGiveACleanExceptionOrAUsableBatch() throws Exception { // LESSONS 10, 12
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        RandomBatches batches = new RandomBatches(seed);
        int refused = 0;
        byte[] intact = smallBody(batches);
        for (int i = 1; i < 60_000; i++) {
            if (i % 300 == 0) {
                intact = smallBody(batches);
            }
            byte[] body = mutate(intact, random);
            try {
                WalAppend decoded = WalBatchDecoder.decode(body, 0, body.length, 1);
                body(decoded.batches().get(0)); // measuring visits and checks everything
            } catch (WalFormatException e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(10_000);
    }

    private static byte[] smallBody(RandomBatches batches) throws Exception {
        byte[] body = body(batches.next());
        while (body.length > 4_000) {
            body = body(batches.next());
        }
        return body;
    }

    private static byte[] mutate(byte[] original, Random random) {
        byte[] bytes = original.clone();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0x7F : 0xFF);
                default -> bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
            }
        }
        return bytes;
    }

    @Test
    void everyPrefixIsRefused() throws Exception {
        byte[] body = body(RandomBatches.numbered(7));
        for (int length = 0; length < body.length; length++) {
            int to = length;
            assertThatThrownBy(() -> WalBatchDecoder.decode(body, 0, to, 1)).isInstanceOf(WalFormatException.class);
        }
    }

    @Test
    void narrowColumnsTakeFewBytes() throws Exception {
        int rows = 5_000;
        long[] times = new long[rows];
        long[] values = new long[rows];
        for (int i = 0; i < rows; i++) {
            times[i] = 1_700_000_000_000_000L + i * 1_000L;
            values[i] = -50 + i % 100;
        }
        ColumnBatch batch = new ColumnBatch(
                "cpu",
                rows,
                times,
                null,
                new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                new int[rows],
                List.of(new LongColumn("usage", ColumnType.INT64, values, null)));
        assertThat(body(batch)).hasSizeLessThan(rows * (4 + 1 + 1) + 200);
    }

    @Test
    void aBatchThatContradictsItselfIsRefusedBeforeItIsWritten() { // LESSONS 12
        assertRefused(batch(new long[1], new int[0]), "fewer times or series than its 1 rows");
        assertRefused(batch(new long[1], new int[] {5}), "series of a row holds 5 (expected: 0 to 0)");
        assertRefused(with(new LongColumn("v", ColumnType.INT64, new long[0], null)), "v has fewer values than rows");
        assertRefused(
                new ColumnBatch(
                        "m",
                        1,
                        new long[1],
                        new short[] {1000},
                        new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                        new int[1],
                        List.of()),
                "nanoseconds holds 1000 (expected: 0 to 999)");
        assertRefused(
                with(new StringColumn("s", new int[] {0, 9}, new byte[3], null)), "s has offsets beyond its bytes");
        assertRefused(
                with(new StringColumn("s", Utf8Dictionary.of("a"), new int[] {1}, null)),
                "s holds 1 (expected: 0 to 0)");
        assertRefused(
                with(new DoubleColumn("v", new double[1], null), new DoubleColumn("v", new double[1], null)),
                "two columns are named v");
    }

    private static void assertRefused(ColumnBatch batch, String message) {
        assertThatThrownBy(() -> new WalBatchEncoder().measure(batch))
                .isInstanceOf(WalFormatException.class)
                .hasMessageContaining(message);
    }

    private static ColumnBatch batch(long[] times, int[] seriesOfRow) {
        return new ColumnBatch(
                "m",
                1,
                times,
                null,
                new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                seriesOfRow,
                List.of());
    }

    private static ColumnBatch with(FieldColumn... fields) {
        return new ColumnBatch(
                "m",
                1,
                new long[1],
                null,
                new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]),
                new int[1],
                List.of(fields));
    }

    /** The frame body of an append of that batch, read back from a file. */
    static byte[] body(ColumnBatch batch) throws IOException, WalFormatException {
        WalBatchEncoder encoder = new WalBatchEncoder();
        long size = encoder.measure(batch);
        long body = size
                + WalBatchEncoder.nameBytes(SteppedLog.DATABASE.organisation())
                + WalBatchEncoder.nameBytes(SteppedLog.DATABASE.database());
        MemoryWalFileSystem files = new MemoryWalFileSystem(1);
        try (WalFile file = files.create("x")) {
            FrameOutput out = OUTPUT;
            out.begin(file, Long.MAX_VALUE);
            out.startFrame(1, new FrameHeader(1, (int) body, 1, FrameFormat.KIND_APPEND));
            WalBatchEncoder.writeName(SteppedLog.DATABASE.organisation(), out);
            WalBatchEncoder.writeName(SteppedLog.DATABASE.database(), out);
            encoder.write(batch, size, out);
            out.endFrame();
            out.flush();
        }
        int from = FrameFormat.SEGMENT_HEADER_BYTES + FrameFormat.FRAME_HEADER_BYTES;
        return Arrays.copyOfRange(files.get("x"), from, from + (int) body);
    }
}
