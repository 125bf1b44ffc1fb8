package io.weir.access;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How callers are told apart, {@code weir.auth.*}.
 *
 * @param enabled whether requests need a token; unless it is given, they do where other machines can reach the server
 * @param publicMetrics whether {@code /metrics} needs none even then; default false
 * @param hashCost cost of bcrypt, by which secrets are hashed: each step doubles the time. Default 10
 * @param cacheSize verified tokens that are remembered; default 10,000
 * @param cacheTtl how long one is trusted without asking the catalog again; one that is not used for ten times as long is
 *     forgotten. Default 1 minute
 * @param cacheSweep time between removals of those; default 30 s
 * @param revisionPoll time between looks whether another process changed anything, default 500 ms
 * @param auditEntries administrative acts that the audit log keeps; default 10,000
 */
@ConfigurationProperties("weir.auth")
public record AuthSettings(
        @Nullable Boolean enabled,
        @DefaultValue("false") boolean publicMetrics,
        @DefaultValue("10") int hashCost,
        @DefaultValue("10000") int cacheSize,
        @DefaultValue("1m") Duration cacheTtl,
        @DefaultValue("30s") Duration cacheSweep,
        @DefaultValue("500ms") Duration revisionPoll,
        @DefaultValue("10000") int auditEntries) {

    private static final int LEAST_COST = 4;
    private static final int MOST_COST = 14;
    private static final int MOST_ENTRIES = 1_000_000;
    private static final Duration LONGEST_TTL = Duration.ofHours(1);
    private static final Duration LONGEST_POLL = Duration.ofSeconds(1);

    /** Checks that every value is within its bounds. */
    public AuthSettings {
        require(
                hashCost >= LEAST_COST && hashCost <= MOST_COST,
                "hash-cost",
                hashCost,
                LEAST_COST + " to " + MOST_COST);
        require(cacheSize > 0 && cacheSize <= MOST_ENTRIES, "cache-size", cacheSize, "1 to " + MOST_ENTRIES);
        requireTime("cache-ttl", cacheTtl, LONGEST_TTL);
        requireTime("cache-sweep", cacheSweep, LONGEST_TTL);
        requireTime("revision-poll", revisionPoll, LONGEST_POLL);
        require(
                auditEntries > 0 && auditEntries <= MOST_ENTRIES,
                "audit-entries",
                auditEntries,
                "1 to " + MOST_ENTRIES);
    }

    private static void requireTime(String key, Duration value, Duration longest) {
        boolean positive = !value.isNegative() && !value.isZero();
        require(positive && value.compareTo(longest) <= 0, key, value, "more than 0, at most " + longest);
    }

    private static void require(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("weir.auth." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
