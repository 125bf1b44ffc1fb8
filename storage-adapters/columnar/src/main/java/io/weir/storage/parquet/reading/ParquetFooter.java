package io.weir.storage.parquet.reading;

import io.weir.common.error.WeirException;
import io.weir.storage.parquet.PageCodecs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.LocalInputFile;

/**
 * Opens files whose footers keep their word as far as a footer can: the frame is checked before it is parsed, and then the
 * sizes, counts and codecs it claims.
 *
 * <pre>
 *   "PAR1" | pages … | footer (Thrift) | length of the footer, 4 bytes | "PAR1"
 * </pre>
 */
public final class ParquetFooter {

    /** A footer of 1,024 columns and several thousand row groups is smaller. */
    static final int MAX_FOOTER_BYTES = 32 << 20;

    private static final int TAIL_BYTES = 8;

    private ParquetFooter() {}

    /**
     * Opens that file, which the caller closes; page checksums are verified.
     *
     * @throws WeirException {@code invalid-request} when it is not a Parquet file that can be read
     */
    public static ParquetFileReader open(Path file, PageCodecs codecs) throws IOException {
        requireFrame(file);
        ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(codecs)
                .usePageChecksumVerification(true)
                .build();
        try {
            return ParquetFileReader.open(new LocalInputFile(file), options);
        } catch (IOException | RuntimeException e) {
            throw RefusedFile.damaged("its footer", e);
        }
    }

    private static void requireFrame(Path file) throws IOException {
        try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = in.size();
            String head = magic(in, 0, size);
            if (!head.equals("PAR1")) {
                throw RefusedFile.because(
                        head.equals("PARE")
                                ? "the Parquet file is encrypted (expected: a file in plain text)"
                                : "the body is no Parquet: it begins with other bytes (expected: PAR1)");
            }
            String end = magic(in, size - 4, size);
            if (size < TAIL_BYTES + 4 || !end.equals("PAR1")) {
                throw RefusedFile.because("the Parquet file is cut short: it ends without a footer (expected: PAR1)");
            }
            ByteBuffer tail = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
            read(in, size - TAIL_BYTES, tail);
            long footer = Integer.toUnsignedLong(tail.flip().getInt());
            if (footer > MAX_FOOTER_BYTES || footer > size - TAIL_BYTES - 4) {
                throw RefusedFile.because("the footer of the Parquet file has " + footer + " bytes (expected: at most "
                        + Math.min(MAX_FOOTER_BYTES, size - TAIL_BYTES - 4) + ")");
            }
        }
    }

    private static String magic(FileChannel in, long position, long size) throws IOException {
        if (position < 0 || position + 4 > size) {
            return "";
        }
        ByteBuffer bytes = ByteBuffer.allocate(4);
        read(in, position, bytes);
        return new String(bytes.array(), StandardCharsets.ISO_8859_1);
    }

    private static void read(FileChannel in, long position, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining() && in.read(bytes, position + bytes.position()) >= 0) {
            // a file may give less than was asked for
        }
    }

    /** @throws WeirException {@code invalid-request} when a row group is too large, or not of what the schema says */
    static void requireRowGroups(List<BlockMetaData> groups, ParquetLayout layout, long maxBytes) {
        for (int i = 0; i < groups.size(); i++) {
            BlockMetaData group = groups.get(i);
            String which = "row group " + (i + 1) + " of " + groups.size();
            if (group.getRowCount() < 0
                    || group.getColumns().size() != layout.columns().size()) {
                throw RefusedFile.because("the Parquet file is damaged: " + which + " has "
                        + group.getColumns().size() + " columns (expected: "
                        + layout.columns().size() + ")");
            }
            long plain = 0;
            long compressed = 0;
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                requireChunk(chunk, group, which);
                plain = Math.max(plain, plain + chunk.getTotalUncompressedSize());
                compressed = Math.max(compressed, compressed + chunk.getTotalSize());
            }
            long bytes = Math.max(plain, compressed);
            if (bytes > maxBytes) {
                throw RefusedFile.because(which + " has " + bytes + " bytes uncompressed (expected: at most " + maxBytes
                        + ", weir.import.row-group; write the file with smaller row groups)");
            }
        }
    }

    private static void requireChunk(ColumnChunkMetaData chunk, BlockMetaData group, String which) {
        String column = "column \"" + chunk.getPath().toDotString() + "\" of " + which;
        if (chunk.isEncrypted()) {
            throw RefusedFile.because(column + " is encrypted (expected: a file in plain text)");
        }
        if (!PageCodecs.isReadable(chunk.getCodec())) {
            throw RefusedFile.because(column + " is compressed with " + chunk.getCodec()
                    + " (expected: UNCOMPRESSED, ZSTD, SNAPPY, LZ4_RAW or GZIP)");
        }
        if (chunk.getTotalSize() < 0
                || chunk.getTotalUncompressedSize() < 0
                || chunk.getValueCount() != group.getRowCount()) {
            throw RefusedFile.because("the Parquet file is damaged: " + column + " says to have "
                    + chunk.getValueCount() + " values in " + chunk.getTotalSize() + " bytes (expected: "
                    + group.getRowCount() + ", one a row)");
        }
    }
}
