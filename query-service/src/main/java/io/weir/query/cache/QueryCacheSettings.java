package io.weir.query.cache;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What bounds the cache of results.
 *
 * @param enabled default true; whether results are kept and shared at all
 * @param memory default 0, which is a sixteenth of the heap; what all results together may weigh
 * @param maxResult default 4MB; largest result that is kept, compressed
 * @param entries default 10000; results that are kept at once
 * @param entriesPerOrganisation default 1000; of one organisation
 * @param ttl default 10m; longest time a result is kept, however often it is used
 * @param sweep default 60s; time between two searches for results that are too old
 * @param warmEvery default 15s; time between two looks at the measurements of the queries below
 * @param warm default none, at most 100; queries whose results are made before they are asked for, after the start and
 *     whenever their measurements have changed
 */
@Validated
@ConfigurationProperties("weir.query.cache")
public record QueryCacheSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("0") DataSize memory,
        @DefaultValue("4MB") DataSize maxResult,
        @DefaultValue("10000") int entries,
        @DefaultValue("1000") int entriesPerOrganisation,
        @DefaultValue("10m") Duration ttl,
        @DefaultValue("60s") Duration sweep,
        @DefaultValue("15s") Duration warmEvery,
        @DefaultValue List<WarmQuery> warm) {

    private static final int HEAP_SHARE = 16;
    private static final int LARGEST_SHARE = 4;
    private static final int MOST_WARM = 100;

    public QueryCacheSettings {
        warm = List.copyOf(warm);
        require("memory", memory, memory.toBytes() >= 0, "0 or more");
        require("max-result", maxResult, maxResult.toBytes() >= 1, "above 0");
        require("entries", entries, entries >= 1, "at least 1");
        require("entries-per-organisation", entriesPerOrganisation, entriesPerOrganisation >= 1, "at least 1");
        require("ttl", ttl, isPositive(ttl), "above 0");
        require("sweep", sweep, isPositive(sweep), "above 0");
        require("warm-every", warmEvery, isPositive(warmEvery), "above 0");
        require("warm", warm.size() + " queries", warm.size() <= MOST_WARM, "at most " + MOST_WARM);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(String key, @Nullable Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(
                    "weir.query.cache." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    /** What all results together may weigh, in bytes. */
    public long memoryBytes() {
        return memory.toBytes() > 0
                ? memory.toBytes()
                : Math.max(1, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** The largest result that is kept: no more than a quarter of all. */
    long maxResultBytes() {
        return Math.min(maxResult.toBytes(), Math.max(1, memoryBytes() / LARGEST_SHARE));
    }

    /** What results may take while they are gathered and before they are kept, beside the memory above. */
    long gatheringBytes() {
        return Math.max(1, memoryBytes() / LARGEST_SHARE);
    }
}
