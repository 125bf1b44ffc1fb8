package io.weir.query.plan;

import org.jspecify.annotations.Nullable;

/** Opens {@link TimeLiteral} to tests that have an engine. */
public final class TimeLiterals {

    private TimeLiterals() {}

    /** As {@link TimeLiteral#micros(String)}. */
    public static @Nullable Long micros(String text) {
        return TimeLiteral.micros(text);
    }
}
