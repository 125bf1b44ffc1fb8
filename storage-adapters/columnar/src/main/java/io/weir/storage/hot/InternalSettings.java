package io.weir.storage.hot;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The port over which processes of the two services talk, {@code weir.internal.*}. Query replicas need only the token.
 *
 * @param address the ingest replica listens at, default 127.0.0.1: only this machine
 * @param port it listens at, default 8088; 0 for any free one
 * @param token secret that both sides know, at least 16 characters; default none, with which neither starts
 * @param maxRequests answered at once, default 64; more are refused
 * @param timeout longest time of an answer, its reader's included, default 30 s
 */
@ConfigurationProperties("weir.internal")
public record InternalSettings(
        @DefaultValue("127.0.0.1") String address,
        @DefaultValue("8088") int port,
        @DefaultValue("") String token,
        @DefaultValue("64") int maxRequests,
        @DefaultValue("30s") Duration timeout) {

    private static final int LEAST_TOKEN = 16;
    private static final String SCHEME = "Bearer ";

    public InternalSettings {
        require(!address.isBlank(), "address", "empty", "an address of this machine, or 0.0.0.0");
        require(port >= 0 && port <= 65_535, "port", port, "0 to 65535");
        require(
                token.isEmpty() || token.length() >= LEAST_TOKEN,
                "token",
                "too short",
                "at least " + LEAST_TOKEN + " characters");
        require(
                token.chars().allMatch(c -> c > ' ' && c < 0x7F),
                "token",
                "one with other characters",
                "visible ASCII characters");
        require(maxRequests >= 1, "max-requests", maxRequests, "at least 1");
        require(!timeout.isNegative() && !timeout.isZero(), "timeout", timeout, "above 0");
    }

    private static void require(boolean valid, String key, Object value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(
                    "weir.internal." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    /** The header {@code Authorization} of a request. */
    public String authorization() {
        return SCHEME + token;
    }

    /** Whether a request with that header {@code Authorization} knows the token; takes as long for a near miss as for a far one. */
    public boolean admits(@Nullable String authorization) {
        return !token.isEmpty()
                && authorization != null
                && MessageDigest.isEqual(bytes(authorization()), bytes(authorization));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Never shows the token. */
    @Override
    public String toString() {
        return "InternalSettings[" + address + ":" + port + "]";
    }
}
