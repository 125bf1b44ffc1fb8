package io.weir.ingest.decode.arrow;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import io.weir.common.compress.DecompressionLimits;
import io.weir.common.compress.Decompressor;
import io.weir.common.error.WeirException;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.BodyCompressionMethod;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.CompressionType;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.RecordBatch;

/**
 * The buffers of one record batch, inflated when they were compressed: where each lies in one array of bytes. Reused from
 * batch to batch. What the metadata says is checked here as far as it can be without the values: every buffer lies in the
 * body, behind the one before it, and inflates to no more than is allowed.
 */
final class BatchBody {

    /** What one byte of LZ4 can say at most: lengths are sums of bytes. */
    private static final int LZ4_RATIO = 255;

    /** What one byte of Zstandard can say at most: a block of 128 KiB from four bytes. */
    private static final int ZSTD_RATIO = 32 << 10;

    private static final int SLACK = 1 << 10;
    private static final int NOT_COMPRESSED = -1;

    private final ByteAllowance allowance;
    private final LongConsumer memory;
    private final FieldNode node = new FieldNode();
    private final Buffer buffer = new Buffer();
    private int rows;
    private int count;
    private long[] nulls = {};
    private int[] firstBuffers = {0};
    private int[] starts = {};
    private int[] lengths = {};
    private byte[] bytes = {};
    private byte[] plain = {};

    BatchBody(ByteAllowance allowance, LongConsumer memory) {
        this.allowance = allowance;
        this.memory = memory;
    }

    /**
     * Takes over the batch that {@code head} describes, whose columns have those layouts, and whose buffers are {@code
     * body[0, length)}. The array is kept until the next batch.
     *
     * @throws ArrowFault when the head does not fit the layouts or the body
     */
    void read(RecordBatch head, Layout[] layouts, byte[] body, int length) {
        long claimed = head.length();
        if (claimed < 0 || claimed > Integer.MAX_VALUE - 64) {
            throw new ArrowFault("has " + claimed + " rows (expected: 0 to " + (Integer.MAX_VALUE - 64) + ")");
        }
        rows = (int) claimed;
        nodes(head, layouts);
        buffers(head, layouts, length);
        BodyCompression compression = head.compression();
        if (compression == null) {
            allowance.spend(length);
            bytes = body;
        } else if (compression.method() != BodyCompressionMethod.BUFFER) {
            throw new ArrowFault("is compressed by method " + compression.method() + " (expected: by buffer)");
        } else {
            inflate(compression.codec(), body);
        }
    }

    /** Number of rows. */
    int rows() {
        return rows;
    }

    /** The bytes that buffers lie in. */
    byte[] bytes() {
        return bytes;
    }

    /** How many nulls the metadata claims for that column. */
    long nulls(int column) {
        return nulls[column];
    }

    /** Number of the first buffer of that column; one number beyond the last column's is valid too. */
    int firstBuffer(int column) {
        return firstBuffers[column];
    }

    /** First byte of that buffer in {@link #bytes}. */
    int start(int number) {
        return starts[number];
    }

    /** Length of that buffer in bytes. */
    int length(int number) {
        return lengths[number];
    }

    /** Counts text that is referred to, not contained; see {@link ByteAllowance#spend}. */
    void spend(long textBytes) {
        allowance.spend(textBytes);
    }

    private void nodes(RecordBatch head, Layout[] layouts) {
        if (head.nodesLength() != layouts.length) {
            throw new ArrowFault(
                    "has " + head.nodesLength() + " columns (expected: " + layouts.length + " as the schema says)");
        }
        if (nulls.length < layouts.length) {
            nulls = new long[layouts.length];
            firstBuffers = new int[layouts.length + 1];
        }
        int variadic = 0;
        int next = 0;
        for (int column = 0; column < layouts.length; column++) {
            head.nodes(node, column);
            if (node.length() != rows) {
                throw new ArrowFault("column " + column + " has " + node.length() + " values (expected: " + rows
                        + " as the batch has rows)");
            }
            if (node.nullCount() < 0 || node.nullCount() > rows) {
                throw new ArrowFault(
                        "column " + column + " has " + node.nullCount() + " nulls (expected: 0 to " + rows + ")");
            }
            nulls[column] = node.nullCount();
            firstBuffers[column] = next;
            next += layouts[column].buffers;
            if (layouts[column] == Layout.UTF8_VIEW) {
                next += variadic(head, variadic++);
            }
        }
        firstBuffers[layouts.length] = next;
        if (head.variadicBufferCountsLength() > variadic) {
            throw new ArrowFault("has " + head.variadicBufferCountsLength() + " columns of views (expected: " + variadic
                    + " as the schema says)");
        }
    }

    private static int variadic(RecordBatch head, int index) {
        long count = index < head.variadicBufferCountsLength() ? head.variadicBufferCounts(index) : -1;
        if (count < 0 || count > head.buffersLength()) {
            throw new ArrowFault("a column of views has " + count + " buffers of text (expected: 0 to "
                    + head.buffersLength() + ")");
        }
        return (int) count;
    }

    private void buffers(RecordBatch head, Layout[] layouts, int bodyLength) {
        count = firstBuffers[layouts.length];
        if (head.buffersLength() != count) {
            throw new ArrowFault(
                    "has " + head.buffersLength() + " buffers (expected: " + count + " as the schema says)");
        }
        if (starts.length < count) {
            starts = new int[count];
            lengths = new int[count];
        }
        int end = 0;
        for (int number = 0; number < count; number++) {
            head.buffers(buffer, number);
            long offset = buffer.offset();
            long length = buffer.length();
            if (length == 0) {
                starts[number] = end;
                lengths[number] = 0;
                continue;
            }
            if (length < 0 || offset < end || offset > bodyLength || length > bodyLength - offset) {
                throw new ArrowFault("buffer " + number + " has " + length + " bytes from byte " + offset
                        + " on (expected: between bytes " + end + " and " + bodyLength + " of the body)");
            }
            starts[number] = (int) offset;
            lengths[number] = (int) length;
            end = (int) (offset + length);
        }
    }

    private void inflate(byte codec, byte[] body) {
        if (codec != CompressionType.LZ4_FRAME && codec != CompressionType.ZSTD) {
            throw new ArrowFault("is compressed by codec " + codec + " (expected: LZ4_FRAME or ZSTD)");
        }
        int ratio = codec == CompressionType.ZSTD ? ZSTD_RATIO : LZ4_RATIO;
        long total = 0;
        for (int number = 0; number < count; number++) {
            if (lengths[number] > 0) {
                total += plainLength(number, body, ratio);
            }
        }
        allowance.spend(total);
        if (total > Integer.MAX_VALUE - 8) {
            throw new ArrowFault("inflates to " + total + " bytes (expected: less than 2 GiB)");
        }
        if (total > plain.length) {
            memory.accept(total - plain.length);
            plain = new byte[(int) total];
        }
        int end = 0;
        for (int number = 0; number < count; number++) {
            if (lengths[number] > 0) {
                int length = (int) plainLength(number, body, ratio);
                int from = starts[number] + 8;
                int to = starts[number] + lengths[number];
                if (length == 0 || LittleEndian.longAt(body, from - 8) == NOT_COMPRESSED) {
                    // Nothing is also written as nothing, without a frame.
                    System.arraycopy(body, from, plain, end, length);
                } else if (codec == CompressionType.ZSTD) {
                    unzstd(number, body, from, to, end, length);
                } else {
                    unlz4(number, body, from, to, end, length);
                }
                starts[number] = end;
                lengths[number] = length;
                end += length;
            }
        }
        bytes = plain;
    }

    private long plainLength(int number, byte[] body, int ratio) {
        int stored = lengths[number] - 8;
        if (stored < 0) {
            throw new ArrowFault("buffer " + number + " has " + lengths[number]
                    + " bytes (expected: at least 8, for its inflated length)");
        }
        long length = LittleEndian.longAt(body, starts[number]);
        if (length == NOT_COMPRESSED) {
            return stored;
        }
        if (length < 0 || length > (long) stored * ratio + SLACK) {
            throw new ArrowFault("buffer " + number + " claims to inflate to " + length + " bytes from " + stored);
        }
        return length;
    }

    private void unzstd(int number, byte[] body, int from, int to, int target, int length) {
        try {
            long inflated = Zstd.decompressByteArray(plain, target, length, body, from, to - from);
            if (inflated != length) {
                throw new ArrowFault(
                        "buffer " + number + " is not Zstandard of " + length + " bytes: it inflates to " + inflated);
            }
        } catch (ZstdException e) {
            throw new ArrowFault("buffer " + number + " is not Zstandard of " + length + " bytes: " + e.getMessage());
        }
    }

    private void unlz4(int number, byte[] body, int from, int to, int target, int length) {
        int[] end = {target};
        try (Decompressor lz4 = Decompressor.open("lz4", new DecompressionLimits(length, LZ4_RATIO, SLACK))) {
            lz4.feed(body, from, to - from, (inflated, offset, count) -> {
                System.arraycopy(inflated, offset, plain, end[0], count);
                end[0] += count;
            });
            lz4.finish((inflated, offset, count) -> {});
        } catch (WeirException e) {
            throw new ArrowFault("buffer " + number + " is not LZ4 of " + length + " bytes: " + e.getMessage());
        }
        if (end[0] - target != length) {
            throw new ArrowFault(
                    "buffer " + number + " is not LZ4 of " + length + " bytes: it inflates to " + (end[0] - target));
        }
    }

    /** Gives back what inflating took. */
    void close() {
        memory.accept(-plain.length);
        plain = new byte[0];
        bytes = plain;
        Arrays.fill(lengths, 0);
    }
}
