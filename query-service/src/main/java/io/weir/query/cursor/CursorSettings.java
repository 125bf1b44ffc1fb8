package io.weir.query.cursor;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What bounds results that are read page by page.
 *
 * @param ttl default 5m; how long a cursor lasts after it was last used
 * @param maxAge default 1h; how long it lasts however often it is used
 * @param maxCursors default 1000; cursors at once
 * @param maxPerOrganisation default 100; of one organisation, whose cursor used longest ago ends when there is one more
 * @param maxBytes default 4GB; disk that all cursors together may take
 * @param bytesPerOrganisation default 1GB; those of one organisation
 * @param maxPageRows default 1000000; largest page
 * @param sweep default 10s; time between two searches for cursors that have ended
 */
@Validated
@ConfigurationProperties("weir.query.cursor")
public record CursorSettings(
        @DefaultValue("5m") Duration ttl,
        @DefaultValue("1h") Duration maxAge,
        @DefaultValue("1000") int maxCursors,
        @DefaultValue("100") int maxPerOrganisation,
        @DefaultValue("4GB") DataSize maxBytes,
        @DefaultValue("1GB") DataSize bytesPerOrganisation,
        @DefaultValue("1000000") int maxPageRows,
        @DefaultValue("10s") Duration sweep) {

    public CursorSettings {
        require("ttl", ttl, isPositive(ttl), "above 0");
        require("max-age", maxAge, maxAge.compareTo(ttl) >= 0, "at least weir.query.cursor.ttl");
        require("max-cursors", maxCursors, maxCursors >= 1, "at least 1");
        require("max-per-organisation", maxPerOrganisation, maxPerOrganisation >= 1, "at least 1");
        require("max-bytes", maxBytes, maxBytes.toBytes() >= 1, "above 0");
        require("bytes-per-organisation", bytesPerOrganisation, bytesPerOrganisation.toBytes() >= 1, "above 0");
        require("max-page-rows", maxPageRows, maxPageRows >= 1, "at least 1");
        require("sweep", sweep, isPositive(sweep), "above 0");
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void require(String key, @Nullable Object value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(
                    "weir.query.cursor." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
