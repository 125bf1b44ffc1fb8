package io.weir.storage.parquet;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8Dictionary;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.stats.TagRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.ParquetEncodingException;
import org.apache.parquet.schema.MessageType;

/**
 * Writes sorted rows as a Parquet data file (see {@code docs/formats/data-files.md}). Thread-safe; each call blocks, and
 * belongs on a worker. Keeps buffers and native contexts of up to two files for the next ones until it is closed.
 *
 * <p>Columns are encoded one after the other from primitive arrays into version 2 pages; page headers, indexes and footer
 * are parquet-java's, so that every reader agrees.
 */
public final class DataFileWriter implements AutoCloseable {

    /** Version of the layout, in the file's metadata under {@link #FORMAT_KEY}. */
    public static final String FORMAT_VERSION = "1";

    /** Metadata key of the layout's version. */
    public static final String FORMAT_KEY = "weir.format";

    /** Metadata key of the measurement's name. */
    public static final String MEASUREMENT_KEY = "weir.measurement";

    /** Metadata key of the flush that made the file; given by the caller. */
    public static final String FLUSH_ID_KEY = "weir.flush_id";

    private static final int TRUNCATE_BYTES = 64;

    private final DataFileOptions options;
    private final ScratchPool scratches;

    /** A writer of files laid out like that. */
    public DataFileWriter(DataFileOptions options) {
        this.options = options;
        this.scratches = new ScratchPool(options);
    }

    /**
     * Writes a file at {@code file}, a temporary name of the caller's in an existing directory; a file there is replaced. On
     * failure nothing is left there. The file is closed but not synced.
     *
     * @param rows at least one row
     * @param metadata entries for the footer besides {@link #FORMAT_KEY} and {@link #MEASUREMENT_KEY}
     * @throws WeirException {@code storage-unavailable}, with the cause, when the file cannot be written
     * @throws IllegalArgumentException when there are no rows
     */
    public DataFileStats write(SortedRows rows, Path file, Map<String, String> metadata) {
        try {
            return write(rows, new LocalOutputFile(file), metadata);
        } catch (RuntimeException | Error failure) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException leftOver) {
                failure.addSuppressed(leftOver);
            }
            throw failure;
        }
    }

    /** Writes to {@code file}, which is created or replaced, and closed whatever happens; otherwise like the other. */
    public DataFileStats write(SortedRows rows, OutputFile file, Map<String, String> metadata) {
        if (rows.rows() == 0) {
            throw new IllegalArgumentException("a data file has at least one row");
        }
        EncoderScratch scratch = scratches.acquire();
        try (OwnedOutput output = new OwnedOutput(file)) {
            int rowGroups = writeAll(rows, output, scratch, footerMetadata(rows.measurement(), metadata));
            return new DataFileStats(
                    rows.rows(), output.bytes(), rows.minTimeMicros(), rows.maxTimeMicros(), rowGroups, tags(rows));
        } catch (IOException | ParquetEncodingException e) {
            throw new WeirException(
                    CommonError.STORAGE_UNAVAILABLE,
                    "a data file of measurement \"" + rows.measurement() + "\" cannot be written",
                    e);
        } finally {
            scratches.release(scratch);
        }
    }

    /**
     * Begins a file at {@code file}, which is written piece by piece; otherwise like {@link #write(SortedRows, Path, Map)}.
     *
     * @param hasNanos whether the file has {@code time_nanos}
     * @param present columns of the schema that the file has; each has a value in some row
     */
    public DataFileStream stream(
            Path file, String measurement, boolean hasNanos, Set<Column> present, Map<String, String> metadata) {
        return new DataFileStream(options, scratches, file, hasNanos, present, footerMetadata(measurement, metadata));
    }

    /** Frees buffers and native contexts that wait for the next file; files being written are finished. Idempotent. */
    @Override
    public void close() {
        scratches.close();
    }

    private int writeAll(SortedRows rows, OwnedOutput output, EncoderScratch scratch, Map<String, String> metadata)
            throws IOException {
        DataFileColumns columns = new DataFileColumns(rows, options);
        int count;
        try (ParquetFileWriter file = open(output, columns.schema(), options)) {
            try {
                file.start();
                count = writeGroups(rows, columns, options, scratch, file);
                file.end(metadata);
            } catch (IOException | RuntimeException | Error failure) {
                file.abort();
                throw failure;
            }
        }
        return count;
    }

    /** Writes row groups of all those rows. Returns how many. */
    static int writeGroups(
            SortedRows rows,
            DataFileColumns columns,
            DataFileOptions options,
            EncoderScratch scratch,
            ParquetFileWriter file)
            throws IOException {
        RowGroups groups = new RowGroups(rows, options, columns.count());
        int count = 0;
        for (int from = 0; from < rows.rows(); ) {
            int[] ends = groups.span(from);
            int to = ends[ends.length - 1];
            scratch.startSpan(rows, from, to, options.rowGroupRows());
            new RowGroupSpan(columns, from, ends, scratch).writeTo(file);
            count += ends.length;
            from = to;
        }
        return count;
    }

    static ParquetFileWriter open(OwnedOutput output, MessageType schema, DataFileOptions options) throws IOException {
        return new ParquetFileWriter(
                output,
                schema,
                ParquetFileWriter.Mode.OVERWRITE,
                Long.MAX_VALUE,
                0,
                TRUNCATE_BYTES,
                TRUNCATE_BYTES,
                options.pageChecksums());
    }

    private static Map<String, String> footerMetadata(String measurement, Map<String, String> metadata) {
        Map<String, String> all = new HashMap<>(metadata);
        all.put(FORMAT_KEY, FORMAT_VERSION);
        all.put(MEASUREMENT_KEY, measurement);
        return all;
    }

    static Map<String, TagRange> tags(SortedRows rows) {
        SeriesTable table = rows.table();
        Map<String, TagRange> ranges = new LinkedHashMap<>();
        for (int tag = 0; tag < table.tagNames().size(); tag++) {
            Utf8Dictionary values = table.dictionary(tag);
            if (values.size() > 0) {
                boolean everywhere = true;
                for (int code : table.codes(tag)) {
                    everywhere &= code != SeriesTable.ABSENT;
                }
                ranges.put(
                        table.tagNames().get(tag),
                        new TagRange(values.get(0), values.get(values.size() - 1), everywhere, few(values)));
            }
        }
        return Collections.unmodifiableMap(ranges);
    }

    private static List<String> few(Utf8Dictionary values) {
        return values.size() > TagRange.MOST_VALUES
                ? List.of()
                : IntStream.range(0, values.size()).mapToObj(values::get).toList();
    }
}
