package io.weir.storage.check;

import io.weir.storage.object.ObjectStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import reactor.core.publisher.Mono;

/**
 * Reads the footer of a Parquet file through ranged reads: four bytes from its beginning, its last 64 KB, and more of its
 * end only when the footer is longer.
 *
 * <pre>
 *   "PAR1" | pages … | footer (Thrift) | length of the footer, 4 bytes | "PAR1"
 * </pre>
 */
final class DataFileFooter {

    private static final int TAIL_BYTES = 64 << 10;
    private static final int MAGIC_BYTES = 4;
    private static final int END_BYTES = 8;

    /** A footer of 1,024 columns and several thousand row groups is smaller. */
    private static final int MAX_FOOTER_BYTES = 32 << 20;

    private final ObjectStore store;

    DataFileFooter(ObjectStore store) {
        this.store = store;
    }

    /**
     * Rows in the file, as its footer and all of its row groups say.
     *
     * @param size its length
     * @return an error {@link DamagedFile} when it is no Parquet file that can be opened, or one of the store
     */
    Mono<Long> rows(String key, long size) {
        if (size < MAGIC_BYTES + END_BYTES) {
            return Mono.error(new DamagedFile("it has " + size + " bytes (expected: a Parquet file)"));
        }
        int tail = (int) Math.min(size, TAIL_BYTES);
        return Mono.zip(bytes(key, 0, MAGIC_BYTES), bytes(key, size - tail, tail))
                .flatMap(ends -> footer(key, size, ends.getT1(), ends.getT2()))
                .flatMap(DataFileFooter::parsed);
    }

    private Mono<ByteBuffer> footer(String key, long size, ByteBuffer head, ByteBuffer tail) {
        if (!isMagic(head, 0) || !isMagic(tail, tail.limit() - MAGIC_BYTES)) {
            return Mono.error(new DamagedFile("it does not begin and end as Parquet does (expected: PAR1)"));
        }
        long length = Integer.toUnsignedLong(tail.order(ByteOrder.LITTLE_ENDIAN).getInt(tail.limit() - END_BYTES));
        long most = Math.min(MAX_FOOTER_BYTES, size - END_BYTES - MAGIC_BYTES);
        if (length > most) {
            return Mono.error(new DamagedFile("its footer has " + length + " bytes (expected: at most " + most + ")"));
        }
        int begin = tail.limit() - END_BYTES - (int) length;
        return begin >= 0
                ? Mono.just(tail.slice(begin, (int) length))
                : bytes(key, size - END_BYTES - length, (int) length);
    }

    private static boolean isMagic(ByteBuffer bytes, int at) {
        return at >= 0
                && bytes.limit() >= at + MAGIC_BYTES
                && StandardCharsets.ISO_8859_1
                        .decode(bytes.slice(at, MAGIC_BYTES))
                        .toString()
                        .equals("PAR1");
    }

    private static Mono<Long> parsed(ByteBuffer footer) {
        try {
            FileMetaData metadata = Util.readFileMetaData(new ByteArrayInputStream(
                    footer.array(), footer.arrayOffset() + footer.position(), footer.remaining()));
            long rows = metadata.getRow_groups().stream()
                    .mapToLong(RowGroup::getNum_rows)
                    .sum();
            return rows == metadata.getNum_rows()
                    ? Mono.just(rows)
                    : Mono.error(new DamagedFile("its row groups have " + rows + " rows (expected: "
                            + metadata.getNum_rows() + ", as its footer says)"));
        } catch (IOException | RuntimeException e) {
            return Mono.error(new DamagedFile("its footer cannot be read: " + e.getMessage()));
        }
    }

    /** Those bytes, fewer when the object ends before. */
    private Mono<ByteBuffer> bytes(String key, long offset, int length) {
        return store.read(key, offset, length)
                .collect(() -> ByteBuffer.allocate(length), ByteBuffer::put)
                .map(ByteBuffer::flip);
    }
}
