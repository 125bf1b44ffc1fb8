package io.weir.common.supervise;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a background loop fares.
 *
 * @param name its name
 * @param running whether a turn is under way
 * @param lastSuccess when a turn last ended well, left to another process included; null when none did yet
 * @param failuresInARow turns that failed since then
 * @param problem what the last turn failed of, in a sentence; null when it did not fail
 */
public record LoopStatus(
        String name,
        boolean running,
        @Nullable Instant lastSuccess,
        int failuresInARow,
        @Nullable String problem) {}
