package io.weir.storage.redis;

import io.lettuce.core.RedisURI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The Redis that replicas share, {@code weir.redis.*}. Without a URL there is none.
 *
 * @param url {@code redis://HOST:PORT/NUMBER}, or {@code rediss://} for TLS; default none
 * @param username goes before one in the URL; default none
 * @param password goes before one in the URL; default none
 * @param caFile PEM file of the authorities that vouch for the server; default none: those Java trusts
 * @param prefix begins every key and channel; default {@code weir}
 * @param connectTimeout longest time to make a connection and to log in, default 2 s
 * @param timeout longest time of a command that nobody waits for, default 500 ms
 * @param cache whether results are shared, default true
 * @param cacheTimeout longest time a query waits for a kept result, default 50 ms
 * @param requests commands under way at once, default 1,000; more are not sent
 * @param cacheRequests entries of the cache under way at once, default 64; more are not looked for and not kept
 * @param openFor how long a Redis that failed is left alone before it is tried again, default 2 s
 * @param maxValue largest entry of the cache, default 1 MB
 * @param memoryPoll time between two looks at how much memory it uses, default 30 s
 * @param rateLimits whether rate limits are shared, default true
 * @param signals whether revocations and invalidations are told at once, default true
 */
@ConfigurationProperties("weir.redis")
public record RedisSettings(
        @DefaultValue("") String url,
        @DefaultValue("") String username,
        @DefaultValue("") String password,
        @DefaultValue("") String caFile,
        @DefaultValue("weir") String prefix,
        @DefaultValue("2s") Duration connectTimeout,
        @DefaultValue("500ms") Duration timeout,
        @DefaultValue("50ms") Duration cacheTimeout,
        @DefaultValue("1000") int requests,
        @DefaultValue("64") int cacheRequests,
        @DefaultValue("2s") Duration openFor,
        @DefaultValue("1MB") DataSize maxValue,
        @DefaultValue("30s") Duration memoryPoll,
        @DefaultValue("true") boolean cache,
        @DefaultValue("true") boolean rateLimits,
        @DefaultValue("true") boolean signals) {

    private static final String EXPECTED_URL = "redis://HOST:PORT or rediss://HOST:PORT, with /NUMBER for a database";
    private static final int MOST_REQUESTS = 1_000_000;
    private static final DataSize LARGEST_VALUE = DataSize.ofMegabytes(64);

    /** Checks that every value is within its bounds. */
    public RedisSettings {
        positive("connect-timeout", connectTimeout);
        positive("timeout", timeout);
        positive("cache-timeout", cacheTimeout);
        positive("open-for", openFor);
        positive("memory-poll", memoryPoll);
        require(requests >= 1 && requests <= MOST_REQUESTS, "requests", requests, "1 to " + MOST_REQUESTS);
        require(
                cacheRequests >= 1 && cacheRequests <= MOST_REQUESTS,
                "cache-requests",
                cacheRequests,
                "1 to " + MOST_REQUESTS);
        require(
                maxValue.toBytes() >= 1 && maxValue.compareTo(LARGEST_VALUE) <= 0,
                "max-value",
                maxValue,
                "above 0, at most " + LARGEST_VALUE);
        require(isPlain(prefix), "prefix", "\"" + prefix + "\"", "letters, digits, '-', '_', '.' and ':'");
        if (!url.isBlank()) {
            parse(url);
        }
    }

    private static boolean isPlain(String prefix) {
        return !prefix.isEmpty()
                && prefix.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || "-_.:".indexOf(c) >= 0);
    }

    /** Where to connect to, and as whom. Keeps no connection and reads no file. */
    RedisURI uri() {
        RedisURI parsed = parse(url);
        RedisURI.Builder uri =
                RedisURI.builder(parsed).withTimeout(connectTimeout).withClientName("weir");
        if (!password.isEmpty()) {
            if (username.isBlank()) {
                uri.withPassword(password.toCharArray());
            } else {
                uri.withAuthentication(username, password.toCharArray());
            }
        }
        return uri.build();
    }

    private static RedisURI parse(String url) {
        boolean known = url.startsWith("redis://") || url.startsWith("rediss://");
        RedisURI parsed;
        try {
            parsed = known ? RedisURI.create(url) : null;
        } catch (IllegalArgumentException e) {
            parsed = null; // the parser's message may have the password in it
        }
        if (parsed == null || parsed.getHost() == null || parsed.getHost().isBlank()) {
            throw new IllegalArgumentException("weir.redis.url is not a URL of Redis (expected: " + EXPECTED_URL + ")");
        }
        return parsed;
    }

    /** The file of authorities; null for those Java trusts. */
    @Nullable
    Path authorities() {
        return caFile.isBlank() ? null : Path.of(caFile);
    }

    /** Where Redis is, for people, without credentials. */
    public String place() {
        if (url.isBlank()) {
            return "none";
        }
        RedisURI parsed = parse(url);
        return parsed.getHost() + ":" + parsed.getPort();
    }

    private static void positive(String key, Duration value) {
        require(!value.isNegative() && !value.isZero(), key, value, "more than 0");
    }

    private static void require(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("weir.redis." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    /** Never shows credentials. */
    @Override
    public String toString() {
        return "RedisSettings[" + place() + "]";
    }
}
