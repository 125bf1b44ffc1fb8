package io.weir.storage.parquet;

import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.ParquetFileWriter;

/** A page that is encoded and compressed; its bytes are in a {@link PageBuffer}. */
sealed interface EncodedPage {

    /** Writes the page with its header; the file is in the page's column. */
    void writeTo(ParquetFileWriter file, PageBuffer bytes) throws IOException;

    /**
     * A dictionary in PLAIN encoding.
     *
     * @param at where its bytes begin
     * @param length number of bytes
     * @param plainLength number of bytes before compression
     * @param entries number of values
     */
    record OfDictionary(int at, int length, int plainLength, int entries) implements EncodedPage {
        @Override
        public void writeTo(ParquetFileWriter file, PageBuffer bytes) throws IOException {
            file.writeDictionaryPage(new DictionaryPage(bytes.input(at, length), plainLength, entries, Encoding.PLAIN));
        }
    }

    /**
     * A data page of version 2.
     *
     * @param rows rows, of which {@code nulls} have no value
     * @param at where its definition levels begin; its values follow
     * @param levelsLength bytes of the levels
     * @param length bytes of the values
     * @param plainLength bytes of the values before compression
     * @param compressed whether they are compressed
     */
    record OfData(
            int rows,
            int nulls,
            int at,
            int levelsLength,
            int length,
            int plainLength,
            boolean compressed,
            Encoding encoding,
            Statistics<?> statistics)
            implements EncodedPage {
        @Override
        public void writeTo(ParquetFileWriter file, PageBuffer bytes) throws IOException {
            file.writeDataPageV2(
                    rows,
                    nulls,
                    rows,
                    BytesInput.empty(),
                    bytes.input(at, levelsLength),
                    encoding,
                    bytes.input(at + levelsLength, length),
                    compressed,
                    plainLength,
                    statistics);
        }
    }
}
