package io.weir.storage.object;

import io.weir.common.model.TableId;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Makes object keys: {@code <prefix>/<org>/<database>/<measurement>/<yyyy>/<mm>/<dd>/<hh>/<flush-id>-<n>.parquet}.
 *
 * <p>Names are escaped so that no two names share a key and no name can climb out of its place: every byte of UTF-8
 * besides letters, digits, {@code _} and {@code -} becomes {@code %HH}. A name too long for one path segment goes on in
 * the next one, and a segment that goes on ends in {@code %}, which no escape does.
 */
public final class StorageKeys {

    private static final int MAX_SEGMENT = 200;
    private static final String HEX = "0123456789ABCDEF";
    private static final Pattern DATA_FILE = Pattern.compile(
            "[A-Za-z0-9_%-]+(/[A-Za-z0-9_%-]+){2,}/-?\\d{3,}/\\d{2}/\\d{2}/\\d{2}/[A-Za-z0-9_-]+-\\d+\\.parquet");

    private StorageKeys() {}

    /**
     * Key of one data file.
     *
     * @param prefix operator's prefix, may be empty, without a slash at its ends
     * @param hourMicros start of the hour, UTC microseconds
     * @param flushId flush that writes the file
     * @param number position of the file in its flush
     */
    public static String dataFile(String prefix, TableId table, long hourMicros, String flushId, int number) {
        ZonedDateTime hour =
                Instant.ofEpochSecond(Math.floorDiv(hourMicros, 1_000_000L)).atZone(ZoneOffset.UTC);
        String path = String.format(
                Locale.ROOT,
                "%s/%s/%s/%04d/%02d/%02d/%02d/%s-%d.parquet",
                escape(table.organisation()),
                escape(table.database()),
                escape(table.measurement()),
                hour.getYear(),
                hour.getMonthValue(),
                hour.getDayOfMonth(),
                hour.getHour(),
                flushId,
                number);
        return prefix.isEmpty() ? path : prefix + "/" + path;
    }

    /** Whether a data file could have that key, without an operator's prefix: nothing else in a bucket is Weir's to touch. */
    public static boolean isDataFile(String key) {
        return DATA_FILE.matcher(key).matches();
    }

    /** {@code name} as one or more path segments; different names give different results. */
    public static String escape(String name) {
        StringBuilder out = new StringBuilder(name.length() + 16);
        int segment = 0;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            if (segment > MAX_SEGMENT) {
                out.append("%/");
                segment = 0;
            }
            boolean plain =
                    (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_' || b == '-';
            if (plain) {
                out.append((char) b);
                segment++;
            } else {
                out.append('%').append(HEX.charAt(b >> 4 & 15)).append(HEX.charAt(b & 15));
                segment += 3;
            }
        }
        return out.toString();
    }
}
