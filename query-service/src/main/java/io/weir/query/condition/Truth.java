package io.weir.query.condition;

import io.weir.common.batch.Bits;

/**
 * What a condition says of each row of a batch: that it holds, that it does not, or, where neither bit is set, nothing, as
 * SQL has it of comparisons with what is null.
 */
final class Truth {

    private final long[] yes;
    private final long[] no;

    private Truth(long[] yes, long[] no) {
        this.yes = yes;
        this.no = no;
    }

    /** Bit set of the rows for which it holds. */
    long[] yes() {
        return yes;
    }

    /** Nothing is known of that many rows. */
    static Truth unknown(int rows) {
        return new Truth(new long[Bits.words(rows)], new long[Bits.words(rows)]);
    }

    /** The same of that many rows. */
    static Truth all(boolean value, int rows) {
        long[] all = Bits.firstSet(rows, rows);
        long[] none = new long[all.length];
        return value ? new Truth(all, none) : new Truth(none, all);
    }

    void set(int row, boolean value) {
        Bits.set(value ? yes : no, row);
    }

    Truth not() {
        return new Truth(no, yes);
    }

    Truth and(Truth other) {
        long[] both = new long[yes.length];
        long[] either = new long[yes.length];
        for (int i = 0; i < both.length; i++) {
            both[i] = yes[i] & other.yes[i];
            either[i] = no[i] | other.no[i];
        }
        return new Truth(both, either);
    }

    Truth or(Truth other) {
        return not().and(other.not()).not();
    }
}
