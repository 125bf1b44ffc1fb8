package io.weir.storage.parquet;

import java.io.IOException;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.values.bitpacking.BytePacker;
import org.apache.parquet.column.values.bitpacking.Packer;
import org.apache.parquet.column.values.rle.RunLengthBitPackingHybridEncoder;

/**
 * Encodes dictionary codes as RLE_DICTIONARY wants them (Parquet format, {@code Encodings.md}): one byte of bit width, then
 * the hybrid of run lengths and bit packing. Codes that repeat become runs; others become a single bit-packed run, which is
 * both written and scanned faster than many short ones.
 */
final class DictionaryCodes {

    private static final int SLAB = 1024;
    private static final int GROUP = 8;
    private static final int REPEATS = 16;

    private DictionaryCodes() {}

    /**
     * Encodes the first {@code count} codes; may write zeros after them.
     *
     * @param codes with room for {@code count} rounded up to a multiple of 8
     * @param size entries of the dictionary, at least 1
     */
    static BytesInput encode(int[] codes, int count, int size) throws IOException {
        int width = BytesUtils.getWidthFromMaxInt(size - 1);
        BytesInput header = BytesInput.from(new byte[] {(byte) width});
        if (width == 0 || count / REPEATS >= runs(codes, count)) {
            RunLengthBitPackingHybridEncoder encoder = new RunLengthBitPackingHybridEncoder(
                    width, SLAB, Math.max(SLAB, count * Integer.BYTES), HeapByteBufferAllocator.getInstance());
            for (int i = 0; i < count; i++) {
                encoder.writeInt(codes[i]);
            }
            return BytesInput.concat(header, encoder.toBytes());
        }
        int groups = (count + GROUP - 1) / GROUP;
        for (int i = count; i < groups * GROUP; i++) {
            codes[i] = 0;
        }
        BytePacker packer = Packer.LITTLE_ENDIAN.newBytePacker(width);
        byte[] packed = new byte[groups * width];
        for (int group = 0; group < groups; group++) {
            packer.pack8Values(codes, group * GROUP, packed, group * width);
        }
        return BytesInput.concat(header, BytesInput.fromUnsignedVarInt((groups << 1) | 1), BytesInput.from(packed));
    }

    private static int runs(int[] codes, int count) {
        int runs = 1;
        for (int i = 1; i < count; i++) {
            runs += codes[i] != codes[i - 1] ? 1 : 0;
        }
        return runs;
    }
}
