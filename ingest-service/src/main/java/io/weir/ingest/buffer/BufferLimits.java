package io.weir.ingest.buffer;

import java.time.Duration;

/**
 * When an open part is sealed. A part is sealed as soon as it holds {@code maxBytes}; when it is {@code age} old and holds
 * {@code minBytes}; or when it is {@code maxAge} old, whatever it holds. A small part waits longer because it costs a file
 * and a commit of its own, and its rows are durable and visible all the while.
 *
 * @param age age of its first batch at which a part of at least {@code minBytes} is sealed
 * @param maxAge age at which any part is sealed. Parts that were opened together are spread over the last half of it, so
 *     that many small ones do not come all at once
 * @param minBytes heap bytes below which a part waits for {@code maxAge}; 0 lets none wait
 * @param maxBytes heap bytes at which a part is sealed at once
 */
public record BufferLimits(Duration age, Duration maxAge, long minBytes, long maxBytes) {

    public BufferLimits {
        if (maxAge.compareTo(age) < 0) {
            throw new IllegalArgumentException(
                    "a part cannot be sealed at " + maxAge + " before it is " + age + " old");
        }
    }

    /** Limits under which every part is sealed at that age. */
    public static BufferLimits ofAge(Duration age, long maxBytes) {
        return new BufferLimits(age, age, 0, maxBytes);
    }
}
