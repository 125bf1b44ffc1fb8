package io.weir.common.compress;

/** Takes bytes as they come. */
@FunctionalInterface
public interface ByteSink {

    /** Takes {@code buffer[offset, offset + length)}, which is only valid during the call. */
    void accept(byte[] buffer, int offset, int length);
}
