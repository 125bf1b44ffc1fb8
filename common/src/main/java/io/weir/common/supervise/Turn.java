package io.weir.common.supervise;

import java.util.Locale;

/** How a turn of a {@link BackgroundLoop} ended that did not fail. */
public enum Turn {
    /** Everything that was due is done; the next turn comes after the interval. */
    DONE,
    /** There is more to do; the next turn comes at once. */
    MORE,
    /** Another process is at it; the next turn comes after the interval. */
    SKIPPED;

    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
