package io.weir.storage.catalog;

/**
 * Classes of files by how long a time they span. Within a class no file begins earlier than its longest span before a range
 * it reaches into, so an index over class and beginning bounds a search on both sides, and a few long files make the search
 * among the many short ones no slower. The numbers are stored ({@code files.span_class}).
 */
enum FileSpan {
    HOUR(0, 3_600_000_000L),
    DAY(1, 86_400_000_000L),
    MONTH(2, 32 * 86_400_000_000L),
    ANY(3, Long.MAX_VALUE);

    private final int code;
    private final long mostMicros;

    FileSpan(int code, long mostMicros) {
        this.code = code;
        this.mostMicros = mostMicros;
    }

    /** The class of a file with those earliest and latest times. */
    static FileSpan of(long minMicros, long maxMicros) {
        long span = maxMicros - minMicros;
        if (span < 0) {
            return ANY; // longer than a number can say
        }
        for (FileSpan candidate : values()) {
            if (span <= candidate.mostMicros) {
                return candidate;
            }
        }
        return ANY;
    }

    /** What is stored of it. */
    int code() {
        return code;
    }

    /** The earliest beginning that a file of this class can have when it reaches to that time. */
    long earliestBeginning(long fromMicros) {
        return this == ANY || fromMicros < Long.MIN_VALUE + mostMicros ? Long.MIN_VALUE : fromMicros - mostMicros;
    }
}
