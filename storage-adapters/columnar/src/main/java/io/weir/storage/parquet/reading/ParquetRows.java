package io.weir.storage.parquet.reading;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.storage.parquet.PageCodecs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one Parquet file, whoever wrote it, read into batches: from any row on, as many as are wanted. Holds the pages
 * of one row group as the file has them, and a page of each column unfolded. For one thread at a time; closing it frees the
 * file and native contexts.
 *
 * <pre>
 *   load(row)                 blocks: reads the pages of the row group in which the row is, unless they are here
 *   read(batch, …)            does not: decodes pages, cell by cell, into the batch
 * </pre>
 *
 * <p>Nulls are values that are missing. A row without time, without a field, or with text that is none is left out.
 */
public final class ParquetRows implements AutoCloseable {

    private final ParquetFileReader file;
    private final PageCodecs codecs;
    private final ParquetLayout layout;
    private final List<BlockMetaData> groups;
    private final OpenRow row;
    private final long rows;
    private int group = -1;
    /** Row at which the cursor stands, from 0; -1 when nobody knows. */
    private long position = -1;

    private long wanted;
    private @Nullable PageReadStore pages;
    private @Nullable RowCursor cursor;

    private ParquetRows(ParquetFileReader file, PageCodecs codecs, ParquetLayout layout, ParquetRowsOptions options) {
        this.file = file;
        this.codecs = codecs;
        this.layout = layout;
        this.groups = file.getRowGroups();
        this.row = new OpenRow(options);
        this.rows = groups.stream().mapToLong(BlockMetaData::getRowCount).sum();
    }

    /**
     * Opens a file and checks its footer. Blocks.
     *
     * @throws WeirException {@code invalid-request} when it is no Parquet, damaged, larger than the limits, or has a column
     *     of a type that Weir has not; the message names it
     */
    public static ParquetRows open(Path path, ParquetRowsOptions options) throws IOException {
        PageCodecs codecs = PageCodecs.bounded(options.maxRowGroupBytes());
        ParquetFileReader file = null;
        ParquetRows opened = null;
        try {
            file = ParquetFooter.open(path, codecs);
            ParquetLayout layout = ParquetLayout.of(file.getFileMetaData().getSchema(), options);
            ParquetFooter.requireRowGroups(file.getRowGroups(), layout, options.maxRowGroupBytes());
            opened = new ParquetRows(file, codecs, layout, options);
            return opened;
        } finally {
            if (opened == null) {
                codecs.close();
                if (file != null) {
                    file.close();
                }
            }
        }
    }

    /** Rows of the file. */
    public long rows() {
        return rows;
    }

    /** Tags and fields, in file order. */
    public List<Column> columns() {
        return layout.values();
    }

    /**
     * Moves to a row, from 0, below {@link #rows}. Blocks.
     *
     * @throws WeirException {@code invalid-request} when the pages cannot be read
     */
    public void load(long target) {
        long first = 0;
        int found = 0;
        while (target >= first + groups.get(found).getRowCount()) {
            first += groups.get(found++).getRowCount();
        }
        wanted = target;
        if (found == group && position >= 0 && position <= target) {
            return;
        }
        drop();
        codecs.renewAllowance();
        try {
            PageReadStore loaded = file.readRowGroup(found);
            pages = loaded;
            // Opens the first page of each column, and with it the native libraries of codecs, which are read from
            // disk.
            cursor = RowCursor.of(loaded, file.getFileMetaData(), layout, row);
        } catch (IOException | RuntimeException e) {
            throw damaged(found, e);
        }
        group = found;
        position = first;
    }

    /**
     * Reads from the row {@link #load} moved to, until the batch has {@code maxBytes}, {@code maxRows} rows were read, or
     * the row group ends. After a failure the rows can be read again, once loaded again.
     *
     * @param batch where rows go
     * @param types what each of {@link #columns} becomes: its own type, TAG for a string, FLOAT64 for an integer
     * @param maxBytes size of the batch at which to stop, and the longest text of a row
     * @param faults hears of rows left out
     * @return rows read, those left out included; at least 1
     * @throws WeirException {@code invalid-request} when the pages are damaged, and what the batch's listener throws
     */
    public int read(BatchBuilder batch, List<ColumnType> types, long maxBytes, int maxRows, RowFaults faults) {
        RowCursor at = cursor;
        if (at == null) {
            throw new IllegalStateException("no row was loaded");
        }
        long from = position;
        position = -1;
        try {
            at.skip(wanted - from);
            row.begin(batch, maxBytes);
            at.begin(types);
            int read = 0;
            while (read < maxRows && at.left() > 0 && batch.sizeBytes() < maxBytes) {
                row.open(wanted + read + 1);
                at.read();
                if (!row.close(faults)) {
                    at.undone();
                }
                read++;
            }
            wanted += read;
            position = wanted;
            return read;
        } catch (WeirException e) {
            throw e;
        } catch (RuntimeException e) {
            throw damaged(group, e);
        }
    }

    private WeirException damaged(int which, Exception cause) {
        return RefusedFile.damaged("row group " + (which + 1) + " of " + groups.size(), cause);
    }

    private void drop() {
        PageReadStore loaded = pages;
        pages = null;
        cursor = null;
        position = -1;
        if (loaded != null) {
            loaded.close();
        }
    }

    @Override
    public void close() throws IOException {
        drop();
        codecs.close();
        file.close();
    }
}
