package io.weir.common.trace;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where traces go, {@code weir.tracing.*}.
 *
 * @param enabled default false; whether there are any
 * @param endpoint default http://127.0.0.1:4318/v1/traces; takes OTLP over HTTP
 * @param headers default none; sent along, such as {@code Authorization}
 * @param sampling default 0.1; part of the requests that are traced, of those whose caller has not decided it
 * @param timeout default 10s; longest time of one export
 * @param queue default 2048; spans that may wait; more are dropped and counted
 */
@ConfigurationProperties("weir.tracing")
public record TraceSettings(
        @DefaultValue("false") boolean enabled,
        @DefaultValue("http://127.0.0.1:4318/v1/traces") String endpoint,
        @DefaultValue Map<String, String> headers,
        @DefaultValue("0.1") double sampling,
        @DefaultValue("10s") Duration timeout,
        @DefaultValue("2048") int queue) {

    public TraceSettings {
        require("endpoint", endpoint, isHttp(endpoint), "an http or https URL");
        require("sampling", sampling, sampling >= 0 && sampling <= 1, "from 0 to 1");
        require("timeout", timeout, timeout.toMillis() >= 1, "above 0");
        require("queue", queue, queue >= 1, "above 0");
        headers = Map.copyOf(headers);
    }

    private static boolean isHttp(String text) {
        try {
            URI url = URI.create(text);
            return ("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void require(String key, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(
                    "weir.tracing." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    /** Never shows headers, which may be secret. */
    @Override
    public String toString() {
        return "TraceSettings[" + (enabled ? endpoint : "off") + "]";
    }
}
