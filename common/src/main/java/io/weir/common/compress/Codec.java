package io.weir.common.compress;

/** Inflates one format, piece by piece. What it grows by it charges to {@link Output#charge} first. */
interface Codec extends AutoCloseable {

    /** Inflates {@code input[offset, offset + length)}, which was just counted as arrived. */
    void feed(byte[] input, int offset, int length, Output output);

    /** Checks that the input may end here. */
    void finish(Output output);

    /** Gives back what it holds; safe to call twice and in any state. */
    @Override
    void close();
}
