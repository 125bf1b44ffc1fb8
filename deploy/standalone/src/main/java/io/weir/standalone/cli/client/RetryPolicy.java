package io.weir.standalone.cli.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before a request that the server had no room for is sent again. The server's own word (Retry-After in
 * seconds) wins; without it the wait doubles from half a second, with jitter so that clients do not return together.
 *
 * @param maxRetries how often one request is sent again before giving up
 * @param maxWait longest single wait, whatever the server asks for
 */
public record RetryPolicy(int maxRetries, Duration maxWait) {

    /** Ten tries more, no wait above a minute. */
    public static final RetryPolicy DEFAULT = new RetryPolicy(10, Duration.ofMinutes(1));

    private static final long FIRST_WAIT_MILLIS = 500;

    /**
     * The wait before retry number {@code retry} (from 1), or empty when the answer is final.
     *
     * @param retryAfter value of the answer's Retry-After header, if it had one
     */
    public Optional<Duration> waitBefore(int retry, int status, Optional<String> retryAfter) {
        if (retry > maxRetries || (status != 429 && status != 503)) {
            return Optional.empty();
        }
        Duration wait = retryAfter.flatMap(RetryPolicy::seconds).orElseGet(() -> backoff(retry));
        return Optional.of(wait.compareTo(maxWait) > 0 ? maxWait : wait);
    }

    private static Optional<Duration> seconds(String header) {
        String text = header.strip();
        // A date is allowed there too, but Weir never sends one.
        return text.matches("\\d{1,9}") ? Optional.of(Duration.ofSeconds(Long.parseLong(text))) : Optional.empty();
    }

    private static Duration backoff(int retry) {
        long millis = FIRST_WAIT_MILLIS << Math.min(retry - 1, 10);
        return Duration.ofMillis(millis / 2 + ThreadLocalRandom.current().nextLong(millis / 2 + 1));
    }
}
