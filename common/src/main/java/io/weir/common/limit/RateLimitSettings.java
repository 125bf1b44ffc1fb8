package io.weir.common.limit;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How many requests of writing routes a client may send, {@code weir.rate-limit.*}.
 *
 * @param enabled whether requests are counted at all, default true
 * @param perAddress requests a minute from one client address, which may also come at once; 0 for any number. Addresses of
 *     IPv6 count by their first 64 bits. Default 1,000
 * @param perToken requests a minute with one token, likewise; 0 for any number. Default 10,000
 * @param exempt ranges of client addresses that are not counted; default this machine's own, {@code 127.0.0.0/8} and
 *     {@code ::1}
 * @param trustedProxies ranges of proxies whose {@code Forwarded} and {@code X-Forwarded-For} are believed; default none
 * @param addresses client addresses that are remembered at once, 16 bytes each; default 131,072
 */
@ConfigurationProperties("weir.rate-limit")
public record RateLimitSettings(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("1000") long perAddress,
        @DefaultValue("10000") long perToken,
        @DefaultValue({"127.0.0.0/8", "::1/128"}) List<String> exempt,
        @DefaultValue List<String> trustedProxies,
        @DefaultValue("131072") int addresses) {

    private static final long MOST_REQUESTS = 60_000_000;
    private static final int MOST_ADDRESSES = 1 << 24;

    /** Checks that every value is within its bounds. */
    public RateLimitSettings {
        requireRequests("per-address", perAddress);
        requireRequests("per-token", perToken);
        exempt = requireRanges("exempt", exempt);
        trustedProxies = requireRanges("trusted-proxies", trustedProxies);
        if (addresses < 8 || addresses > MOST_ADDRESSES) {
            throw invalid("addresses", addresses, "8 to " + MOST_ADDRESSES);
        }
    }

    private static void requireRequests(String key, long value) {
        if (value < 0 || value > MOST_REQUESTS) {
            throw invalid(key, value, "0 to " + MOST_REQUESTS + " requests a minute");
        }
    }

    private static List<String> requireRanges(String key, List<String> ranges) {
        for (String range : ranges) {
            try {
                AddressRange.of(range);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("weir.rate-limit." + key + ": " + e.getMessage(), e);
            }
        }
        return List.copyOf(ranges);
    }

    private static IllegalArgumentException invalid(String key, Object value, String expected) {
        return new IllegalArgumentException(
                "weir.rate-limit." + key + " is " + value + " (expected: " + expected + ")");
    }
}
