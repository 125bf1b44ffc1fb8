package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.error.WeirException;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that cannot be written is closed, and the failure is told with its cause. */
class DataFileFailureTest {

    private final RandomPoints generator = new RandomPoints(7);
    private final SortedRows rows = SortedRows.all(generator.schema(), generator.batches(generator.points(5_000)));
    private final DataFileWriter writer = new DataFileWriter(DataFileOptions.DEFAULT.withRowGroupRows(200));

    @TempDir
    Path folder;

    // REQUIREMENTS T1: file handles are where they were, whatever write fails
    @Test
    void outputIsClosedOnceWhicheverOperationFails() {
        FailingOutput whole = new FailingOutput(Integer.MAX_VALUE);
        writer.write(rows, whole, Map.of());
        assertThat(whole.closed).isEqualTo(1);

        int failures = 0;
        for (int failAt = 1; failAt <= whole.operations; failAt += step(failAt, whole.operations)) {
            FailingOutput output = new FailingOutput(failAt);
            WeirException failure =
                    catchThrowableOfType(WeirException.class, () -> writer.write(rows, output, Map.of()));

            assertThat(failure)
                    .as("operation %d of %d", failAt, whole.operations)
                    .isNotNull();
            assertThat(failure.code().id()).isEqualTo("storage-unavailable");
            assertThat(failure.detail()).isEqualTo("a data file of measurement \"cpu \"ü\"\" cannot be written");
            assertThat(failure).hasRootCauseMessage("no space left, operation " + failAt);
            assertThat(output.opened - output.closed).as("open streams").isZero();
            failures++;
        }
        assertThat(failures).isGreaterThan(7);
    }

    /** Every one of the first and the last operations, a sample of those between. */
    private static int step(int operation, int operations) {
        return operation < 40 || operation >= operations - 5
                ? 1
                : Math.min(operations / 30, operations - 5 - operation);
    }

    @Test
    void partialFileIsRemoved() throws Exception {
        Path missing = folder.resolve("no-such-folder").resolve("f.parquet");
        WeirException failure = catchThrowableOfType(WeirException.class, () -> writer.write(rows, missing, Map.of()));
        assertThat(failure).hasCauseInstanceOf(NoSuchFileException.class);

        long[] times = {1, 2, 3};
        SeriesTable noTags = new SeriesTable(1, List.of(), new int[0][], new Utf8Dictionary[0]);
        LongColumn tooShort = new LongColumn("v", ColumnType.INT64, new long[1], null);
        ColumnBatch broken = new ColumnBatch("m", 3, times, null, noTags, new int[3], List.of(tooShort));
        SortedRows unreadable = SortedRows.all(MeasurementSchema.of(broken.columns(), false), List.of(broken));
        Path file = folder.resolve("f.parquet");
        assertThatExceptionOfType(ArrayIndexOutOfBoundsException.class)
                .isThrownBy(() -> writer.write(unreadable, file, Map.of()));
        assertThat(file).doesNotExist();
        assertThat(writer.write(rows, file, Map.of()).rows())
                .as("the writer works on")
                .isEqualTo(5_000);
    }

    // LESSONS 4: who gives up waiting does not break the file being written
    @Test
    void anInterruptedThreadWritesTheWholeFile() throws Exception {
        Path file = folder.resolve("f.parquet");
        Thread.currentThread().interrupt();
        DataFileStats stats = writer.write(rows, file, Map.of());
        assertThat(Thread.interrupted()).isTrue();
        assertThat(stats.bytes()).isEqualTo(Files.size(file));
        assertThat(ParquetJavaReader.rows(file)).hasSize(5_000);
    }

    @Test
    void aClosedWriterStillWritesButKeepsNothing() {
        Path file = folder.resolve("f.parquet");
        DataFileWriter closed = new DataFileWriter(DataFileOptions.DEFAULT);
        closed.write(rows, file, Map.of());
        closed.close();
        closed.close();
        assertThat(closed.write(rows, file, Map.of()).rows()).isEqualTo(5_000);
    }

    @Test
    void anExistingTemporaryFileIsReplaced() throws Exception {
        Path file = folder.resolve("f.parquet");
        Files.write(file, new byte[1 << 20]);
        assertThat(writer.write(rows, file, Map.of()).bytes()).isEqualTo(Files.size(file));
        assertThat(ParquetJavaReader.rows(file)).hasSize(5_000);
    }

    @Test
    void noRowsAreNoFile() {
        SortedRows none = SortedRows.all(MeasurementSchema.empty(), List.of());
        FailingOutput output = new FailingOutput(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> writer.write(none, output, Map.of()))
                .withMessage("a data file has at least one row");
        assertThat(output.operations).isZero();
    }

    /** Counts what is done to it, and fails at one operation: opening, a write, a flush or closing. */
    private static final class FailingOutput implements OutputFile {
        private final int failAt;
        private int operations;
        private int opened;
        private int closed;

        private FailingOutput(int failAt) {
            this.failAt = failAt;
        }

        private void operation() throws IOException {
            if (++operations == failAt) {
                throw new IOException("no space left, operation " + failAt);
            }
        }

        @Override
        public PositionOutputStream create(long blockSizeHint) throws IOException {
            operation();
            opened++;
            return new PositionOutputStream() {
                private long position;

                @Override
                public long getPos() {
                    return position;
                }

                @Override
                public void write(int value) throws IOException {
                    operation();
                    position++;
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    operation();
                    position += length;
                }

                @Override
                public void flush() throws IOException {
                    operation();
                }

                @Override
                public void close() throws IOException {
                    closed++;
                    operation();
                }
            };
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
