package io.weir.common.batch;

import java.util.Arrays;
import java.util.function.LongConsumer;
import java.util.function.ToIntFunction;

/**
 * Copies series of a table into a table being built. Values that were copied before are not hashed again, once enough
 * series have been copied to pay for the map that tells. Whoever takes a row of the builder back calls {@link #rollback}
 * too. Not thread-safe.
 */
public final class SeriesCopier {

    private static final int NEW = -1;
    /** A map is made when its dictionary is at most so many times larger than the number of series copied. */
    private static final int WORTH_A_MAP = 16;

    private final SeriesTable source;
    private final SeriesTableBuilder target;
    private final ToIntFunction<String> tagIndex;
    private final LongConsumer memory;
    /** Per tag of the source its index in the target, or {@link #NEW}. */
    private final int[] tags;
    /** Per tag and code of the source the code in the target plus one, 0 when it was not copied yet; or no map. */
    private final int[][] codes;

    private long mapBytes;
    private int copies;
    private int last = NEW;

    /**
     * A copier from {@code source} to {@code target}.
     *
     * @param tagIndex index in the target of a tag that a series has; may throw, then nothing is interned
     * @param memory hears of maps in bytes before they are allocated; see {@link #close}
     */
    public SeriesCopier(
            SeriesTable source, SeriesTableBuilder target, ToIntFunction<String> tagIndex, LongConsumer memory) {
        this.source = source;
        this.target = target;
        this.tagIndex = tagIndex;
        this.memory = memory;
        this.tags = new int[source.tagNames().size()];
        Arrays.fill(tags, NEW);
        this.codes = new int[tags.length][];
    }

    /** Number in the target of the series that the source has as {@code series}; nothing must be staged before. */
    public int copy(int series) {
        last = series;
        copies++;
        for (int tag = 0; tag < tags.length; tag++) {
            int code = source.code(tag, series);
            if (code != SeriesTable.ABSENT) {
                if (tags[tag] == NEW) {
                    tags[tag] = tagIndex.applyAsInt(source.tagNames().get(tag));
                }
                target.stage(tags[tag], code(tag, code));
            }
        }
        return target.intern();
    }

    /** To be called when the target has been rolled back. */
    public void rollback() {
        for (int tag = 0; tag < tags.length; tag++) {
            int[] copied = codes[tag];
            if (tags[tag] >= target.tags()) {
                tags[tag] = NEW;
                if (copied != null) {
                    Arrays.fill(copied, 0);
                }
            } else if (tags[tag] != NEW && copied != null && last != NEW) {
                // Only what the last series brought can be gone.
                int code = source.code(tag, last);
                if (code != SeriesTable.ABSENT && copied[code] > target.values(tags[tag])) {
                    copied[code] = 0;
                }
            }
        }
    }

    /** Gives back what the maps were charged; the copier must not be used afterwards. */
    public void close() {
        memory.accept(-mapBytes);
        mapBytes = 0;
    }

    private int code(int tag, int code) {
        int[] copied = codes[tag];
        if (copied != null && copied[code] != 0) {
            return copied[code] - 1;
        }
        Utf8Dictionary values = source.dictionary(tag);
        int target = this.target.code(tags[tag], values.bytes(), values.start(code), values.end(code));
        if (copied == null && values.size() <= copies * WORTH_A_MAP) {
            long bytes = 4L * values.size();
            memory.accept(bytes);
            mapBytes += bytes;
            copied = new int[values.size()];
            codes[tag] = copied;
        }
        if (copied != null) {
            copied[code] = target + 1;
        }
        return target;
    }
}
