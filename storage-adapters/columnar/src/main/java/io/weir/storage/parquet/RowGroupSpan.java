package io.weir.storage.parquet;

import java.io.IOException;
import org.apache.parquet.hadoop.ParquetFileWriter;

/**
 * Neighbouring row groups that are encoded together, column by column, and then written one after the other. A file wants
 * its row groups in order, but the values of one row group are spread over all batches: to fetch a column for several row
 * groups at once reads each batch once, not once a row group.
 */
final class RowGroupSpan {

    private final DataFileColumns columns;
    private final int from;
    private final int[] ends;
    private final EncoderScratch scratch;

    /**
     * The row groups of the span that {@code scratch} is at.
     *
     * @param from first row of the first group
     * @param ends per group the row after its last
     */
    RowGroupSpan(DataFileColumns columns, int from, int[] ends, EncoderScratch scratch) {
        this.columns = columns;
        this.from = from;
        this.ends = ends;
        this.scratch = scratch;
    }

    void writeTo(ParquetFileWriter file) throws IOException {
        if (ends.length == 1) {
            writeOne(file);
            return;
        }
        ColumnChunk[][] chunks = new ColumnChunk[ends.length][columns.count()];
        for (int column = 0; column < columns.count(); column++) {
            columns.encoder(column).gather(scratch);
            for (int group = 0; group < ends.length; group++) {
                chunks[group][column] = encode(column, group);
            }
        }
        for (int group = 0; group < ends.length; group++) {
            int rows = ends[group] - start(group);
            file.startBlock(rows);
            for (ColumnChunk chunk : chunks[group]) {
                chunk.writeTo(file, rows);
            }
            file.endBlock();
        }
    }

    /** Only one column's pages are in memory then. */
    private void writeOne(ParquetFileWriter file) throws IOException {
        int rows = ends[0] - from;
        file.startBlock(rows);
        for (int column = 0; column < columns.count(); column++) {
            columns.encoder(column).gather(scratch);
            encode(column, 0).writeTo(file, rows);
            scratch.encoded().clear();
        }
        file.endBlock();
    }

    private ColumnChunk encode(int column, int group) throws IOException {
        ColumnChunk chunk = new ColumnChunk(columns.descriptor(column), scratch.compressor(), scratch.encoded());
        columns.encoder(column).encode(start(group), ends[group], scratch, chunk);
        return chunk;
    }

    private int start(int group) {
        return group == 0 ? from : ends[group - 1];
    }
}
