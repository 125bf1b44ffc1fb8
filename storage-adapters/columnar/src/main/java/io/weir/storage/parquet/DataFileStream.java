package io.weir.storage.parquet;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.stats.TagRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.ParquetEncodingException;
import org.jspecify.annotations.Nullable;

/**
 * A data file that is written piece by piece, so that its rows need not be in memory together. Made by {@link
 * DataFileWriter#stream}; whoever has it closes it, which removes the file unless it was finished. Each call blocks. Not thread-safe.
 */
public final class DataFileStream implements AutoCloseable {

    private final DataFileOptions options;
    private final ScratchPool scratches;
    private final EncoderScratch scratch;
    private final Path path;
    private final OwnedOutput output;
    private final boolean hasNanos;
    private final Set<Column> present;
    private final Map<String, String> metadata;
    private final Map<String, TagRange> tags = new LinkedHashMap<>();
    private @Nullable ParquetFileWriter file;
    private long rows;
    private long minTimeMicros = Long.MAX_VALUE;
    private long maxTimeMicros = Long.MIN_VALUE;
    private int rowGroups;
    private boolean finished;
    private boolean closed;

    DataFileStream(
            DataFileOptions options,
            ScratchPool scratches,
            Path path,
            boolean hasNanos,
            Set<Column> present,
            Map<String, String> metadata) {
        this.options = options;
        this.scratches = scratches;
        this.scratch = scratches.acquire();
        this.path = path;
        this.output = new OwnedOutput(new LocalOutputFile(path));
        this.hasNanos = hasNanos;
        this.present = Set.copyOf(present);
        this.metadata = metadata;
    }

    /**
     * Writes the next rows, at least one, as one row group, or as several where one would grow too large. No row comes before
     * those written already.
     *
     * @throws WeirException {@code storage-unavailable}, with the cause, when the file cannot be written
     */
    public void write(SortedRows next) {
        DataFileColumns columns = new DataFileColumns(next, options, hasNanos, present::contains);
        try {
            ParquetFileWriter to = file;
            if (to == null) {
                to = DataFileWriter.open(output, columns.schema(), options);
                file = to;
                to.start();
            }
            rowGroups += DataFileWriter.writeGroups(next, columns, options, scratch, to);
        } catch (IOException | ParquetEncodingException e) {
            throw cannotBeWritten(e);
        }
        takeTags(DataFileWriter.tags(next));
        rows += next.rows();
        minTimeMicros = Math.min(minTimeMicros, next.minTimeMicros());
        maxTimeMicros = Math.max(maxTimeMicros, next.maxTimeMicros());
    }

    private void takeTags(Map<String, TagRange> those) {
        tags.replaceAll((tag, range) -> those.containsKey(tag) ? range : range.somewhere());
        those.forEach((tag, range) ->
                tags.merge(tag, rows == 0 || tags.containsKey(tag) ? range : range.somewhere(), TagRange::union));
    }

    /** Ends the file, which holds at least one row. It is closed but not synced. Errors as {@link #write}. */
    public DataFileStats finish() {
        ParquetFileWriter to = file;
        if (to == null) {
            throw new IllegalStateException("a data file has at least one row");
        }
        try {
            to.end(metadata);
            output.close();
        } catch (IOException e) {
            throw cannotBeWritten(e);
        }
        finished = true;
        return new DataFileStats(
                rows, output.bytes(), minTimeMicros, maxTimeMicros, rowGroups, Collections.unmodifiableMap(tags));
    }

    private WeirException cannotBeWritten(Exception cause) {
        return new WeirException(
                CommonError.STORAGE_UNAVAILABLE,
                "a data file of measurement \"" + metadata.get(DataFileWriter.MEASUREMENT_KEY) + "\" cannot be written",
                cause);
    }

    /** Frees buffers; removes what is not finished. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        scratches.release(scratch);
        if (finished) {
            return;
        }
        try {
            if (file != null) {
                file.abort();
            }
            output.close();
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw cannotBeWritten(e);
        }
    }
}
