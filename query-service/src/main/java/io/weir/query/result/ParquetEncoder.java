package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.parquet.PageCodecs;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.schema.Type.Repetition;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file that leaves as its row groups fill, without a file on this side: a row group of at most about 8 MiB is
 * what it holds. Pages are compressed by Snappy, which holds no native memory that a cancelled result would have to free.
 * The footer says {@code weir.row_count}, and {@code weir.truncated} when rows were cut off.
 */
final class ParquetEncoder extends ResultEncoder<OutputBytes> {

    private static final long ROW_GROUP_BYTES = 8L << 20;
    private static final int PAGE_BYTES = 256 << 10;
    private static final int DICTIONARY_BYTES = 256 << 10;
    private static final int ROWS_BETWEEN_CHECKS = 1_000;
    private static final int ZSTD_LEVEL = 1; // asked for, never used

    private WideIntegers wideIntegers = WideIntegers.none();
    private @Nullable ParquetWriter<Integer> writer;

    ParquetEncoder(RowLimit limit) {
        super(limit, new OutputBytes(CAPACITY));
    }

    @Override
    void begin(ResultCursor cursor) throws IOException {
        List<String> names = RowKeys.unique(cursor.columnNames());
        List<ParquetColumn> columns = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            columns.add(ParquetColumns.of(
                    cursor.batch().getVector(i), names.get(i), Repetition.OPTIONAL, cursor.dictionaries()));
        }
        writer = new Builder(new Sink(out), new ParquetRowSupport(columns, limit))
                .withConf(new PlainParquetConfiguration())
                .withCodecFactory(new PageCodecs(ZSTD_LEVEL))
                .withCompressionCodec(CompressionCodecName.SNAPPY)
                .withRowGroupSize(ROW_GROUP_BYTES)
                .withPageSize(PAGE_BYTES)
                .withDictionaryPageSize(DICTIONARY_BYTES)
                .withMinRowCountForPageSizeCheck(1)
                .withMaxRowCountForPageSizeCheck(ROWS_BETWEEN_CHECKS)
                .build();
        wideIntegers = WideIntegers.of(cursor);
    }

    @Override
    boolean more(ResultCursor cursor) throws IOException {
        ParquetWriter<Integer> open = Objects.requireNonNull(writer, "begun before");
        if (!cursor.advance()) {
            open.close();
            return false;
        }
        int from = cursor.firstRow();
        int rows = cursor.endRow() - from;
        int taken = limit.take(rows);
        if (taken > 0) {
            wideIntegers.requireFit(from, taken);
            for (int row = from; row < from + taken; row++) {
                open.write(row);
            }
        }
        if (taken < rows) {
            open.close();
        }
        return taken == rows;
    }

    @Override
    boolean eager() {
        return false; // there is nothing to read before the footer
    }

    @Override
    boolean divisible() {
        return true;
    }

    /** The library's way to ask for a writer. */
    private static final class Builder extends ParquetWriter.Builder<Integer, Builder> {

        private final WriteSupport<Integer> support;

        Builder(OutputFile file, WriteSupport<Integer> support) {
            super(file);
            this.support = support;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // and abstract nevertheless
        protected WriteSupport<Integer> getWriteSupport(Configuration configuration) {
            return support;
        }

        @Override
        protected WriteSupport<Integer> getWriteSupport(ParquetConfiguration configuration) {
            return support;
        }
    }

    /** The gathered bytes as a file of the library's. */
    private record Sink(OutputBytes out) implements OutputFile {

        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new Position(out);
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return new Position(out);
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

    /** Counts what is written over the whole file, of which only the latest bytes are still there. */
    private static final class Position extends PositionOutputStream {

        private final OutputBytes out;
        private long position;

        Position(OutputBytes out) {
            this.out = out;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int b) {
            out.write(b);
            position++;
        }

        @Override
        public void write(byte[] source, int from, int length) {
            out.write(source, from, length);
            position += length;
        }
    }
}
