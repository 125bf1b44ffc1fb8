package io.weir.storage.catalog;

import java.time.Duration;

/**
 * What a retention policy says.
 *
 * @param name its name, one of a kind in its organisation
 * @param databases which databases it is about: a name, or a pattern in which {@code *} stands for any characters
 * @param measurements which of their measurements, likewise
 * @param keep age from which on rows are dropped
 * @param interval time between its runs
 * @param boundary what becomes of files that hold younger rows too
 * @param enabled whether it is run by itself
 */
public record RetentionRule(
        String name,
        String databases,
        String measurements,
        Duration keep,
        Duration interval,
        Boundary boundary,
        boolean enabled) {

    /** A rule that keeps boundary files. */
    public RetentionRule(
            String name, String databases, String measurements, Duration keep, Duration interval, boolean enabled) {
        this(name, databases, measurements, keep, interval, Boundary.KEEP, enabled);
    }
}
