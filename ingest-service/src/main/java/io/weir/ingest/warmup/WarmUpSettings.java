package io.weir.ingest.warmup;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How long a server practises before it takes requests; {@code weir.warm-up.*}.
 *
 * @param duration most time spent on practice; the start takes up to that much longer, and 0 means none. Practice ends
 *     earlier when the virtual machine finds nothing more to compile. Default 10 s
 */
@ConfigurationProperties("weir.warm-up")
public record WarmUpSettings(@DefaultValue("10s") Duration duration) {

    private static final Duration LONGEST = Duration.ofMinutes(5);

    public WarmUpSettings {
        if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("weir.warm-up.duration is " + duration + " (expected: 0 to 5 minutes)");
        }
    }
}
