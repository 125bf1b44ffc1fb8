package io.weir.ingest.decode;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Unit of the timestamps of a request. */
public enum Precision {
    NANOSECOND(1L, "nanoseconds"),
    MICROSECOND(1_000L, "microseconds"),
    MILLISECOND(1_000_000L, "milliseconds"),
    SECOND(1_000_000_000L, "seconds"),
    MINUTE(60_000_000_000L, "minutes"),
    HOUR(3_600_000_000_000L, "hours"),
    /** Each timestamp tells by its magnitude; see {@link #of}. */
    AUTO(1L, "seconds, milliseconds, microseconds or nanoseconds");

    private static final Map<String, Precision> V1 = Map.of(
            "n",
            NANOSECOND,
            "ns",
            NANOSECOND,
            "u",
            MICROSECOND,
            "us",
            MICROSECOND,
            "µ",
            MICROSECOND,
            "μ",
            MICROSECOND,
            "ms",
            MILLISECOND,
            "s",
            SECOND,
            "m",
            MINUTE,
            "h",
            HOUR);
    private static final Map<String, Precision> V2 =
            Map.of("ns", NANOSECOND, "us", MICROSECOND, "ms", MILLISECOND, "s", SECOND);
    private static final Map<String, Precision> V3 = Map.ofEntries(
            Map.entry("auto", AUTO),
            Map.entry("nanosecond", NANOSECOND),
            Map.entry("microsecond", MICROSECOND),
            Map.entry("millisecond", MILLISECOND),
            Map.entry("second", SECOND),
            Map.entry("ns", NANOSECOND),
            Map.entry("n", NANOSECOND),
            Map.entry("us", MICROSECOND),
            Map.entry("u", MICROSECOND),
            Map.entry("ms", MILLISECOND),
            Map.entry("s", SECOND));

    private final long nanos;
    private final long earliest;
    private final long latest;
    private final String noun;

    Precision(long nanos, String noun) {
        this.nanos = nanos;
        this.earliest = Long.MIN_VALUE / nanos;
        this.latest = Long.MAX_VALUE / nanos;
        this.noun = noun;
    }

    /** The {@code precision} parameter of {@code /write}; none means nanoseconds. Fails with {@code invalid-request}. */
    public static Precision ofV1(@Nullable String parameter) {
        return parse(parameter, NANOSECOND, V1, "n, ns, u, us, µ, ms, s, m or h");
    }

    /** The {@code precision} parameter of {@code /api/v2/write}; none means ns. Fails with {@code invalid-request}. */
    public static Precision ofV2(@Nullable String parameter) {
        return parse(parameter, NANOSECOND, V2, "ns, us, ms or s");
    }

    /** The {@code precision} parameter of version 3 and Weir's own routes; none means auto. Fails with {@code invalid-request}. */
    public static Precision ofV3(@Nullable String parameter) {
        return parse(parameter, AUTO, V3, "auto, nanosecond, microsecond, millisecond, second, n, ns, u, us, ms or s");
    }

    /** Guesses the unit of one timestamp as InfluxDB 3 does: up to five billion it counts seconds, then each unit is a thousand times finer. */
    public static Precision of(long timestamp) {
        long billions = Math.abs(timestamp / 1_000_000_000L);
        if (billions < 5) {
            return SECOND;
        } else if (billions < 5_000) {
            return MILLISECOND;
        }
        return billions < 5_000_000 ? MICROSECOND : NANOSECOND;
    }

    /** What a timestamp counts, for messages: {@code nanoseconds}. */
    public String noun() {
        return noun;
    }

    /** Nanoseconds in one unit; 1 for {@link #AUTO}. */
    public long nanos() {
        return nanos;
    }

    /** Whether that many units since 1970 can be said in 64-bit nanoseconds: the years 1677 to 2262. */
    public boolean holds(long timestamp) {
        Precision unit = this == AUTO ? of(timestamp) : this;
        return timestamp >= unit.earliest && timestamp <= unit.latest;
    }

    /** Nanoseconds since 1970 of a timestamp that {@link #holds}. */
    public long toNanos(long timestamp) {
        return this == AUTO ? timestamp * of(timestamp).nanos : timestamp * nanos;
    }

    /** The start of the unit in which {@code epochNanos} lies. */
    public long truncate(long epochNanos) {
        return Math.floorDiv(epochNanos, nanos) * nanos;
    }

    private static Precision parse(
            @Nullable String parameter, Precision none, Map<String, Precision> forms, String expected) {
        if (parameter == null || parameter.isEmpty()) {
            return none;
        }
        Precision precision = forms.get(parameter);
        if (precision == null) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    "precision \"" + Names.printable(parameter) + "\" is not known (expected: " + expected + ")",
                    Map.of("parameter", "precision"));
        }
        return precision;
    }
}
