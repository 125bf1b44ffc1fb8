package io.weir.ingest.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.model.DatabaseId;
import io.weir.common.schema.ColumnType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds the format still: a segment written by any version is read for ever. Run with {@code -Dweir.wal.golden=<file>} to
 * write a new one, under a new name, when the version is raised.
 */
class WalGoldenTest {

    private static final String SEGMENT = "00000000000000000001.wal";

    @Test
    void theSameAppendsGiveTheSameBytes() throws IOException {
        byte[] written = write();
        String target = System.getProperty("weir.wal.golden");
        if (target != null) {
            Files.write(Path.of(target), written);
        }
        assertThat(written).isEqualTo(golden(FrameFormat.VERSION));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aSegmentOfEveryVersionIsRead(int version) throws IOException {
        MemoryWalFileSystem files = new MemoryWalFileSystem(1);
        files.put(SEGMENT, golden(version));
        List<WalAppend> replayed = new ArrayList<>();
        List<Long> sequences = new ArrayList<>();
        SteppedLog log = new SteppedLog(files, SteppedLog.settings(4096), (append, hold) -> {
            replayed.add(append);
            sequences.add(hold.baseSequence());
        });
        List<WalAppend> expected = appends(version);
        assertThat(log.report.walId()).isEqualTo(SteppedLog.WAL_ID);
        assertThat(sequences).isEqualTo(List.of(1L, 3L, 4L).subList(0, expected.size()));
        for (int i = 0; i < replayed.size(); i++) {
            assertThat(replayed.get(i).database()).isEqualTo(expected.get(i).database());
            assertThat(replayed.get(i).key()).isEqualTo(expected.get(i).key());
            for (int b = 0; b < expected.get(i).batches().size(); b++) {
                BatchAssert.assertSame(
                        replayed.get(i).batches().get(b),
                        expected.get(i).batches().get(b));
            }
        }
    }

    private static byte[] write() throws IOException {
        MemoryWalFileSystem files = new MemoryWalFileSystem(1);
        try (SteppedLog log = new SteppedLog(files, SteppedLog.settings(4096))) {
            log.commit(appends(FrameFormat.VERSION).toArray(new WalAppend[0]));
        }
        return files.get(SEGMENT);
    }

    private static byte[] golden(int version) throws IOException {
        try (InputStream in = WalGoldenTest.class.getResourceAsStream("/wal/golden-v" + version + ".wal")) {
            return in == null ? new byte[0] : in.readAllBytes();
        }
    }

    /** What the golden file of a version holds: each has what the one before has, and what was new in it. */
    private static List<WalAppend> appends(int version) {
        List<WalAppend> appends = new ArrayList<>(List.of(
                new WalAppend(new DatabaseId("acme", "metrics"), List.of(cpu(), RandomBatches.numbered("ü", 42))),
                new WalAppend(new DatabaseId("default", "other-db"), List.of(RandomBatches.numbered(-1)))));
        if (version >= 2) {
            appends.add(new WalAppend(
                    new DatabaseId("acme", "metrics"),
                    List.of(RandomBatches.numbered(7)),
                    WalAck.SYNCED,
                    new WriteKey(
                            "batch 12/ü",
                            1_700_000_000_000L,
                            1_700_000_600_000L,
                            343,
                            0xFEDC_BA98_7654_3210L,
                            "{\"rejected\":1}")));
        }
        return appends;
    }

    private static ColumnBatch cpu() {
        byte[] text = "okdegradé".getBytes(StandardCharsets.UTF_8);
        long[] sparse = {0b101};
        return new ColumnBatch(
                "cpu",
                3,
                new long[] {1_700_000_000_000_000L, 1_700_000_000_000_300L, 1_699_999_999_999_999L},
                new short[] {0, 999, 1},
                new SeriesTable(
                        2,
                        List.of("host", "region"),
                        new int[][] {{0, 1}, {0, SeriesTable.ABSENT}},
                        new Utf8Dictionary[] {Utf8Dictionary.of("a", "b"), Utf8Dictionary.of("eu-west")}),
                new int[] {0, 1, 0},
                List.of(
                        new LongColumn("narrow", ColumnType.INT64, new long[] {-5, 0, 250}, null),
                        new LongColumn("wide", ColumnType.INT64, new long[] {Long.MIN_VALUE, 0, Long.MAX_VALUE}, null),
                        new LongColumn("count", ColumnType.UINT64, new long[] {-1, 0, 70_000}, sparse),
                        new DoubleColumn("load", new double[] {0.1, Double.NaN, -0.0}, null),
                        new DoubleColumn("temp", new double[] {36.6, 0, 21}, sparse),
                        new BooleanColumn("up", new long[] {0b001}, sparse),
                        new StringColumn("state", new int[] {0, 2, 2, 10}, text, sparse)));
    }
}
