package io.weir.query.plan;

import io.weir.common.model.TimeRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a condition says of the times of rows that satisfy it. Bounds are numbers of values that are known later; a value
 * that stays unknown bounds nothing. A row without a time satisfies none but {@link Anything}.
 */
sealed interface TimePredicate {

    /** A condition that says nothing of times. */
    TimePredicate ANYTHING = new Anything();

    /** The smallest range that holds the times of all rows that satisfy it, or a wider one. */
    TimeRange range(List<@Nullable Long> values);

    /** Says nothing. */
    record Anything() implements TimePredicate {
        @Override
        public TimeRange range(List<@Nullable Long> values) {
            return TimeRange.ALL;
        }
    }

    /** Not before that many microseconds after that value. */
    record From(int value, int micros) implements TimePredicate {
        @Override
        public TimeRange range(List<@Nullable Long> values) {
            Long bound = values.get(value);
            return bound == null || bound > Long.MAX_VALUE - micros
                    ? TimeRange.ALL
                    : new TimeRange(bound + micros, Long.MAX_VALUE);
        }
    }

    /** Not after that many microseconds before that value. */
    record Until(int value, int micros) implements TimePredicate {
        @Override
        public TimeRange range(List<@Nullable Long> values) {
            Long bound = values.get(value);
            return bound == null || bound < Long.MIN_VALUE + micros
                    ? TimeRange.ALL
                    : new TimeRange(Long.MIN_VALUE, bound - micros);
        }
    }

    /** All of them hold. */
    record AllOf(List<TimePredicate> parts) implements TimePredicate {
        @Override
        public TimeRange range(List<@Nullable Long> values) {
            TimeRange common = TimeRange.ALL;
            for (TimePredicate part : parts) {
                TimeRange range = part.range(values);
                common = new TimeRange(
                        Math.max(common.fromMicros(), range.fromMicros()),
                        Math.min(common.toMicros(), range.toMicros()));
            }
            return common;
        }
    }

    /** One of them holds. */
    record OneOf(List<TimePredicate> parts) implements TimePredicate {
        @Override
        public TimeRange range(List<@Nullable Long> values) {
            TimeRange hull = new TimeRange(Long.MAX_VALUE, Long.MIN_VALUE);
            for (TimePredicate part : parts) {
                TimeRange range = part.range(values);
                if (!range.isEmpty()) {
                    hull = new TimeRange(
                            Math.min(hull.fromMicros(), range.fromMicros()),
                            Math.max(hull.toMicros(), range.toMicros()));
                }
            }
            return hull;
        }
    }
}
