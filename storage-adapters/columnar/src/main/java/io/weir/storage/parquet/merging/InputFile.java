package io.weir.storage.parquet.merging;

import io.weir.common.batch.Bits;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.parquet.PageCodecs;
import io.weir.storage.parquet.merging.InputColumns.InputColumn;
import io.weir.storage.parquet.reading.ParquetFooter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.jspecify.annotations.Nullable;

/** One open input: gives its row groups, decoded, in order. Everything wrong with it is {@code data-file-damaged}. Not thread-safe. */
final class InputFile implements AutoCloseable {

    /** Heap of a row group besides its columns: times, series of rows. */
    private static final int ROW_BYTES = 12;

    private static final int FIXED_BYTES = 64 << 10;

    private final MergeInput input;
    private final int index;
    private final String measurement;
    private final List<String> tagNames;
    private final PageCodecs codecs;
    private final ParquetFileReader file;
    private final InputColumns columns;
    private int nextGroup;

    private InputFile(
            MergeInput input,
            int index,
            String measurement,
            List<String> tagNames,
            PageCodecs codecs,
            ParquetFileReader file,
            InputColumns columns) {
        this.input = input;
        this.index = index;
        this.measurement = measurement;
        this.tagNames = tagNames;
        this.codecs = codecs;
        this.file = file;
        this.columns = columns;
    }

    /** Rows that are left out, by their numbers in the file. */
    BitSet left() {
        return input.left();
    }

    /** Opens and checks the footer. */
    static InputFile open(
            MergeInput input, int index, String measurement, MeasurementSchema schema, List<String> tagNames) {
        PageCodecs codecs = new PageCodecs(1);
        ParquetFileReader file = null;
        try {
            file = ParquetFooter.open(input.file(), codecs);
            InputColumns columns = new InputColumns(file.getFileMetaData().getSchema(), schema);
            InputFile opened = new InputFile(input, index, measurement, tagNames, codecs, file, columns);
            opened.requireRows();
            return opened;
        } catch (IOException | RuntimeException e) {
            codecs.close();
            closeAfter(file, e);
            throw damaged(input, index, "its footer", e);
        }
    }

    private static void closeAfter(@Nullable ParquetFileReader file, Exception failure) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private void requireRows() {
        long rows = 0;
        for (BlockMetaData group : file.getRowGroups()) {
            if (group.getRowCount() < 1 || group.getRowCount() > Integer.MAX_VALUE / 2) {
                throw new IllegalArgumentException(
                        "a row group has " + group.getRowCount() + " rows (expected: 1 to 2^30)");
            }
            rows += group.getRowCount();
        }
        if (rows != input.rows()) {
            throw new IllegalArgumentException(rows + " rows (expected: " + input.rows() + ", as the catalog says)");
        }
    }

    /** Whether some row has nanoseconds. */
    boolean hasNanos() {
        return columns.nanos() != null;
    }

    /** Adds its columns to {@code present}. */
    void addColumns(Set<Column> present) {
        columns.values().forEach(value -> present.add(value.column()));
    }

    /** Memory of its largest row group. */
    long mostBytes() {
        long most = 0;
        for (BlockMetaData group : file.getRowGroups()) {
            most = Math.max(most, bytes(group));
        }
        return most;
    }

    /** Memory of the row group that {@link #load} gives next; 0 when there is none. */
    long nextBytes() {
        return hasNext() ? bytes(file.getRowGroups().get(nextGroup)) : 0;
    }

    /** Decoded columns, and the pages they come from, which are let go afterwards. */
    private long bytes(BlockMetaData group) {
        long bytes = FIXED_BYTES + group.getRowCount() * ROW_BYTES;
        for (ColumnChunkMetaData chunk : group.getColumns()) {
            bytes += chunk.getTotalSize() + 2 * chunk.getTotalUncompressedSize();
        }
        for (InputColumn value : columns.values()) {
            boolean coded =
                    value.column().type() == ColumnType.TAG || value.column().type() == ColumnType.STRING;
            bytes += group.getRowCount() * (coded ? Integer.BYTES : Long.BYTES);
        }
        return bytes;
    }

    boolean hasNext() {
        return nextGroup < file.getRowGroups().size();
    }

    /** The next row group, its tags not numbered yet. */
    LoadedGroup load(ColumnReading reading) {
        long bytes = nextBytes();
        int rows = (int) file.getRowGroups().get(nextGroup).getRowCount();
        try (PageReadStore pages = file.readRowGroup(nextGroup)) {
            reading.reserve(rows);
            long[] times = reading.times(pages.getPageReader(columns.time()), rows);
            short @Nullable [] nanos =
                    columns.nanos() == null ? null : reading.nanos(pages.getPageReader(columns.nanos()), rows);
            List<FieldColumn> fields = new ArrayList<>();
            List<String> tags = new ArrayList<>();
            List<int[]> codes = new ArrayList<>();
            List<Utf8Dictionary> dictionaries = new ArrayList<>();
            for (InputColumn value : columns.values()) {
                if (value.column().type() == ColumnType.TAG) {
                    int[] ofRows = new int[rows];
                    Utf8Dictionary dictionary =
                            reading.tag(value.column().name(), pages.getPageReader(value.descriptor()), rows, ofRows);
                    if (dictionary.size() > 0) { // a batch has no column without a value
                        dictionaries.add(dictionary);
                        tags.add(value.column().name());
                        codes.add(ofRows);
                    }
                } else {
                    FieldColumn field = reading.field(
                            value.column(),
                            pages.getPageReader(value.descriptor()),
                            rows,
                            value.unsigned(),
                            value.widened());
                    if (field.validity() == null || Bits.cardinality(field.validity(), rows) > 0) {
                        fields.add(field);
                    }
                }
            }
            LoadedGroup group = group(rows, times, nanos, fields, tags, codes, dictionaries, bytes);
            nextGroup++;
            return group;
        } catch (IOException | RuntimeException e) {
            throw failed(e);
        }
    }

    private LoadedGroup group(
            int rows,
            long[] times,
            short @Nullable [] nanos,
            List<FieldColumn> fields,
            List<String> tags,
            List<int[]> codes,
            List<Utf8Dictionary> dictionaries,
            long bytes) {
        int[] starts = segments(rows, codes);
        int segments = starts.length - 1;
        int[] seriesOfRow = new int[rows];
        int[][] codesOfSegments = new int[tags.size()][segments];
        for (int segment = 0; segment < segments; segment++) {
            Arrays.fill(seriesOfRow, starts[segment], starts[segment + 1], segment);
            for (int tag = 0; tag < codesOfSegments.length; tag++) {
                codesOfSegments[tag][segment] = codes.get(tag)[starts[segment]];
            }
            requireTimesAscend(times, nanos, starts[segment], starts[segment + 1]);
        }
        SeriesTable table =
                new SeriesTable(segments, tags, codesOfSegments, dictionaries.toArray(Utf8Dictionary[]::new));
        int[] positions = tagNames.stream().mapToInt(tags::indexOf).toArray();
        return new LoadedGroup(
                new ColumnBatch(measurement, rows, times, nanos, table, seriesOfRow, fields), starts, positions, bytes);
    }

    /** Where some tag changes, and the number of rows. */
    private static int[] segments(int rows, List<int[]> codes) {
        BitSet begins = new BitSet(rows + 1);
        begins.set(0);
        for (int[] ofTag : codes) {
            for (int row = 1; row < rows; row++) {
                if (ofTag[row] != ofTag[row - 1]) {
                    begins.set(row);
                }
            }
        }
        begins.set(rows);
        return begins.stream().toArray();
    }

    private static void requireTimesAscend(long[] times, short @Nullable [] nanos, int from, int to) {
        for (int row = from + 1; row < to; row++) {
            if (times[row] < times[row - 1]
                    || (nanos != null && times[row] == times[row - 1] && nanos[row] < nanos[row - 1])) {
                throw new IllegalArgumentException("rows are not in order (expected: by tags, then time)");
            }
        }
    }

    /** What is wrong with this file. */
    WeirException failed(Exception cause) {
        return damaged(input, index, "row group " + (nextGroup + 1), cause);
    }

    private static WeirException damaged(MergeInput input, int index, String where, Exception cause) {
        if (Thread.currentThread().isInterrupted() || cause instanceof ClosedByInterruptException) {
            throw new UncheckedIOException(new IOException("the merge was cancelled", cause));
        }
        return new WeirException(
                MergeError.INPUT_DAMAGED,
                "data file " + input.name() + " cannot be merged: " + where + " is not as its writer left it: "
                        + cause.getMessage(),
                Map.of("input", index),
                cause);
    }

    @Override
    public void close() throws IOException {
        codecs.close();
        file.close();
    }
}
