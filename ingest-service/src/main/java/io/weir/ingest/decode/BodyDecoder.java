package io.weir.ingest.decode;

/** Turns the bytes of one body, fed in order, into batches. Used by one thread at a time. */
public interface BodyDecoder {

    /** Takes the next bytes; they are the caller's again when this returns. */
    void feed(byte[] buffer, int offset, int length);

    /** The rows, once all bytes were fed. */
    DecodedWrite finish();

    /** Whether feeding takes a time in proportion to the bytes, a nanosecond or so each, so that an event loop may do it. */
    default boolean feedsBriefly() {
        return false;
    }

    /** Whether finishing costs little more than the feeding did: no more than copying what was decoded. */
    default boolean finishesBriefly() {
        return false;
    }
}
