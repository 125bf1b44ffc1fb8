package io.weir.query.delete;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What deletes ask before they begin; {@code weir.delete.*}.
 *
 * @param confirmRows default 100000; a delete or drop of more rows is to be confirmed
 * @param confirmShare default 0.5; so is a delete of a larger share of the rows of its measurement
 * @param timeout default 2m; longest time for the engine to count the rows
 */
@ConfigurationProperties("weir.delete")
public record DeleteSettings(
        @DefaultValue("100000") long confirmRows,
        @DefaultValue("0.5") double confirmShare,
        @DefaultValue("2m") Duration timeout) {

    public DeleteSettings {
        require(confirmRows >= 0, "confirm-rows", confirmRows, "0 or more");
        require(confirmShare >= 0 && confirmShare <= 1, "confirm-share", confirmShare, "0 to 1");
        require(!timeout.isNegative() && !timeout.isZero(), "timeout", timeout, "above 0");
    }

    private static void require(boolean valid, String key, @Nullable Object value, String expected) {
        if (!valid) {
            throw new IllegalArgumentException("weir.delete." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
