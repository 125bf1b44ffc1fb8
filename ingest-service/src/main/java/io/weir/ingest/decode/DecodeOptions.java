package io.weir.ingest.decode;

import java.util.function.LongConsumer;

/**
 * How one request body is to be decoded.
 *
 * @param precision unit of the timestamps
 * @param receiveTimeNanos when the request arrived, in nanoseconds since 1970: the time of rows without one
 * @param schemas what the database knows
 * @param limits what the request may ask for
 * @param memory hears by how many bytes the decoder is about to grow (or, negative, has shrunk). What it throws, such as
 *     {@code overloaded}, passes through {@code feed} and {@code finish}; the decoder must then be dropped. After
 *     {@code finish} the sum of what it heard is the size of the batches
 */
public record DecodeOptions(
        Precision precision, long receiveTimeNanos, SchemaLookup schemas, DecodeLimits limits, LongConsumer memory) {

    /** Default limits, an unknown database, and nobody who charges for memory. */
    public static DecodeOptions of(Precision precision, long receiveTimeNanos) {
        return new DecodeOptions(precision, receiveTimeNanos, SchemaLookup.NONE, DecodeLimits.DEFAULT, delta -> {});
    }

    /** The same with that knowledge of the database. */
    public DecodeOptions withSchemas(SchemaLookup lookup) {
        return new DecodeOptions(precision, receiveTimeNanos, lookup, limits, memory);
    }

    /** The same with those limits. */
    public DecodeOptions withLimits(DecodeLimits other) {
        return new DecodeOptions(precision, receiveTimeNanos, schemas, other, memory);
    }

    /** The same with that listener for memory. */
    public DecodeOptions withMemory(LongConsumer listener) {
        return new DecodeOptions(precision, receiveTimeNanos, schemas, limits, listener);
    }
}
