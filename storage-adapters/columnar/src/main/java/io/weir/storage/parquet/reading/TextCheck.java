package io.weir.storage.parquet.reading;

/** Checks that bytes are text. */
@FunctionalInterface
public interface TextCheck {

    /** Position of the first byte of {@code bytes[from, to)} that is not well-formed UTF-8, or -1. */
    int firstInvalid(byte[] bytes, int from, int to);
}
