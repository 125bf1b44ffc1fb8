package io.weir.ingest.decode.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The keys that mean something in a row, rather than name a column. */
enum JsonKey {
    M("m", 0),
    T("t", 1),
    TAGS("tags", 2),
    FIELDS("fields", 3),
    F("f", 4);

    private static final JsonKey[] ALL = values();

    /** Position of this key in an array with a place for each. */
    final int index;

    @SuppressWarnings("ImmutableEnumChecker") // never written to
    private final byte[] spelling;

    JsonKey(String spelling, int index) {
        this.index = index;
        this.spelling = spelling.getBytes(StandardCharsets.US_ASCII);
    }

    /** The key as it is written. */
    String text() {
        return new String(spelling, StandardCharsets.US_ASCII);
    }

    /** The key read last, or null when it means nothing. */
    static @Nullable JsonKey of(JsonStrings key) {
        if (key.to() - key.from() <= 6) {
            for (JsonKey known : ALL) {
                if (key.is(known.spelling)) {
                    return known;
                }
            }
        }
        return null;
    }

    /** Whether that is one of these keys. */
    static boolean is(byte[] key) {
        for (JsonKey known : ALL) {
            if (Arrays.equals(known.spelling, key)) {
                return true;
            }
        }
        return false;
    }

    /** Whether an object behind it makes the row a long one. */
    boolean holdsColumns() {
        return this == TAGS || this == FIELDS || this == F;
    }
}
