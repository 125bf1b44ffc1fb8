package io.weir.common.compress;

/**
 * How far a body may inflate. Checked while it streams: decompression stops at the limit.
 *
 * @param maxOutputBytes most bytes of output, compressed or not
 * @param maxRatio most bytes of output for each byte of input, beyond the first {@code freeBytes}
 * @param freeBytes bytes of output that the ratio does not count
 */
public record DecompressionLimits(long maxOutputBytes, int maxRatio, long freeBytes) {

    private static final int DEFAULT_RATIO = 1_000;
    private static final long DEFAULT_FREE_BYTES = 1L << 20;

    /** Checks that every limit allows something. */
    public DecompressionLimits {
        if (maxOutputBytes < 0 || maxRatio < 1 || freeBytes < 0) {
            throw new IllegalArgumentException("limits are " + maxOutputBytes + " bytes, ratio " + maxRatio + ", "
                    + freeBytes + " free bytes (expected: at least 0, 1 and 0)");
        }
    }

    /** That many bytes of output, and beyond the first MiB at most a thousand for each byte of input. */
    public static DecompressionLimits ofOutput(long maxOutputBytes) {
        return new DecompressionLimits(maxOutputBytes, DEFAULT_RATIO, DEFAULT_FREE_BYTES);
    }
}
