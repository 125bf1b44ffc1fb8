package io.weir.storage.catalog;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a task that is run again and again stands.
 *
 * @param nextRun when it is due; null while it is paused
 * @param lastRun when it last was run; null when it was not yet
 * @param failures runs that failed since one succeeded
 * @param lastFailure what the last of them failed of, in a sentence; empty when there is none
 */
public record TaskState(@Nullable Instant nextRun, @Nullable Instant lastRun, int failures, String lastFailure) {

    /** Longest sentence about a failure that is kept; the rest is cut off. */
    public static final int LONGEST_FAILURE = 2000;

    public TaskState {
        lastFailure = cut(lastFailure);
    }

    /** A task that was never run. */
    public static TaskState firstDue(@Nullable Instant nextRun) {
        return new TaskState(nextRun, null, 0, "");
    }

    /** The beginning of that sentence, as much as is kept. */
    public static String cut(String failure) {
        return failure.length() <= LONGEST_FAILURE ? failure : failure.substring(0, LONGEST_FAILURE);
    }
}
