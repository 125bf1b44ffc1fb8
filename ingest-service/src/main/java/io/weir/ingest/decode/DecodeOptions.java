package io.weir.ingest.decode;

import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

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
 * @param bodyBytes how long the decoded body is said to be, or {@link #UNKNOWN_LENGTH}. Only a hint of what to make room
 *     for: a body may be of any other length
 * @param series what is remembered of the database's series, or null to remember nothing
 */
public record DecodeOptions(
        Precision precision,
        long receiveTimeNanos,
        SchemaLookup schemas,
        DecodeLimits limits,
        LongConsumer memory,
        long bodyBytes,
        @Nullable KnownSeries series) {

    /** Nobody has said how long the body is. */
    public static final long UNKNOWN_LENGTH = -1;

    /** Options for a body of unknown length. */
    public DecodeOptions(
            Precision precision,
            long receiveTimeNanos,
            SchemaLookup schemas,
            DecodeLimits limits,
            LongConsumer memory) {
        this(precision, receiveTimeNanos, schemas, limits, memory, UNKNOWN_LENGTH, null);
    }

    /** Default limits, an unknown database, and nobody who charges for memory. */
    public static DecodeOptions of(Precision precision, long receiveTimeNanos) {
        return new DecodeOptions(precision, receiveTimeNanos, SchemaLookup.NONE, DecodeLimits.DEFAULT, delta -> {});
    }

    /** The same with that knowledge of the database. */
    public DecodeOptions withSchemas(SchemaLookup lookup) {
        return new DecodeOptions(precision, receiveTimeNanos, lookup, limits, memory, bodyBytes, series);
    }

    /** The same with those limits. */
    public DecodeOptions withLimits(DecodeLimits other) {
        return new DecodeOptions(precision, receiveTimeNanos, schemas, other, memory, bodyBytes, series);
    }

    /** The same with that listener for memory. */
    public DecodeOptions withMemory(LongConsumer listener) {
        return new DecodeOptions(precision, receiveTimeNanos, schemas, limits, listener, bodyBytes, series);
    }

    /** The same for a body that is said to be that long; {@link #UNKNOWN_LENGTH} or any negative number for unknown. */
    public DecodeOptions withBodyBytes(long bytes) {
        return new DecodeOptions(precision, receiveTimeNanos, schemas, limits, memory, bytes, series);
    }

    /** The same with that memory of series. */
    public DecodeOptions withSeries(KnownSeries known) {
        return new DecodeOptions(precision, receiveTimeNanos, schemas, limits, memory, bodyBytes, known);
    }
}
