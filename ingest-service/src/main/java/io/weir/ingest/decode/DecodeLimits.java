package io.weir.ingest.decode;

/**
 * What one request may ask of a decoder.
 *
 * @param maxLineBytes longest line, newline included; a longer one is a bad line
 * @param maxColumns most tags and fields a measurement may have, those it already has included
 * @param maxErrors how many bad lines are described; all are counted
 * @param maxBatchBytes size at which a batch is closed and another begun for the same measurement
 */
public record DecodeLimits(int maxLineBytes, int maxColumns, int maxErrors, long maxBatchBytes) {

    /** 1 MiB lines, 1,024 columns, 100 errors, 32 MiB batches. */
    public static final DecodeLimits DEFAULT = new DecodeLimits(1 << 20, 1_024, 100, 32L << 20);

    /** Checks that every limit allows something. */
    public DecodeLimits {
        requirePositive("maxLineBytes", maxLineBytes);
        requirePositive("maxColumns", maxColumns);
        requirePositive("maxErrors", maxErrors);
        requirePositive("maxBatchBytes", maxBatchBytes);
    }

    private static void requirePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + " (expected: at least 1)");
        }
    }
}
