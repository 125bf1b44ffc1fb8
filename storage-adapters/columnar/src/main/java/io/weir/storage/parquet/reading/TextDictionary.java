package io.weir.storage.parquet.reading;

import java.util.Arrays;
import org.apache.parquet.column.Dictionary;

/** The dictionary of a text column: all its entries in one array, each checked once. */
final class TextDictionary {

    private final byte[] bytes;
    private final int[] ends;
    private final boolean[] valid;
    /** Codes of entries in the batch at hand, or -1. */
    private final int[] codes;

    TextDictionary(Dictionary dictionary, TextCheck check) {
        int size = dictionary.getMaxId() + 1;
        ends = new int[size + 1];
        valid = new boolean[size];
        codes = new int[size];
        int total = 0;
        for (int i = 0; i < size; i++) {
            total = Math.addExact(total, dictionary.decodeToBinary(i).length());
            ends[i + 1] = total;
        }
        bytes = new byte[total];
        for (int i = 0; i < size; i++) {
            System.arraycopy(dictionary.decodeToBinary(i).getBytesUnsafe(), 0, bytes, ends[i], ends[i + 1] - ends[i]);
            valid[i] = check.firstInvalid(bytes, ends[i], ends[i + 1]) < 0;
        }
        forgetCodes();
    }

    byte[] bytes() {
        return bytes;
    }

    int from(int entry) {
        return ends[entry];
    }

    int to(int entry) {
        return ends[entry + 1];
    }

    boolean isValid(int entry) {
        return valid[entry];
    }

    int code(int entry) {
        return codes[entry];
    }

    void remember(int entry, int code) {
        codes[entry] = code;
    }

    void forgetCodes() {
        Arrays.fill(codes, -1);
    }
}
