package io.weir.ingest.decode;

/** Turns the bytes of one body, fed in order, into batches. Used by one thread at a time. */
public interface BodyDecoder {

    /** Takes the next bytes; they are the caller's again when this returns. */
    void feed(byte[] buffer, int offset, int length);

    /** The rows, once all bytes were fed. */
    DecodedWrite finish();
}
