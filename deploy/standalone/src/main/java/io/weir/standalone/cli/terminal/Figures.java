package io.weir.standalone.cli.terminal;

import java.time.Duration;
import java.util.Locale;

/** Writes numbers the way people read them. */
public final class Figures {

    private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};

    private Figures() {}

    /** A count with its thousands separated: {@code 69,120}. */
    public static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    /** A count and its noun, in the plural unless it is one: {@code 1 row}, {@code 2 rows}. */
    public static String count(long value, String noun) {
        return count(value) + " " + noun + (value == 1 ? "" : "s");
    }

    /** A size in binary units with at most one decimal: {@code 6.2 MiB}. */
    public static String bytes(long bytes) {
        double size = bytes;
        int unit = 0;
        while (size >= 1024 && unit < BYTE_UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", size, BYTE_UNITS[unit]);
    }

    /** A duration in the unit that suits it: {@code 12 ms}, {@code 3.4 s}, {@code 2 min 5 s}. */
    public static String duration(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 60_000) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1_000.0);
        }
        return duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }

    /** Things per second over a duration, as a whole number; a duration below a millisecond counts as one. */
    public static long perSecond(long things, Duration duration) {
        return Math.round(things * 1_000.0 / Math.max(1, duration.toMillis()));
    }
}
