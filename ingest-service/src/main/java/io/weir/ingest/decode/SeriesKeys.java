package io.weir.ingest.decode;

import io.weir.common.batch.Utf8DictionaryBuilder;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The series keys (measurement and tags, as spelled) of one request, each with its measurement and series number, so
 * that a key is understood once. Those that earlier requests had stand in a {@link SeriesBook} already and have the first
 * numbers; those that this request adds come behind them. A key is predicted before it is searched for: it is probably the
 * one that followed the key before it last time, and one comparison tells.
 */
final class SeriesKeys {

    /** No key, or no series. */
    static final int NONE = -1;

    private static final int ENTRY_BYTES = 16;
    /** An array over the book is made when the book is at most so many times larger than the number of rows to use it. */
    private static final int WORTH_AN_ARRAY = 16;

    private final LongConsumer memory;
    private final SeriesBook book;
    private final int known;
    /** Per key of the book its series plus one, 0 when it did not come yet; null while few keys of the book came. */
    private int @Nullable [] seriesOfKnown;
    /** Per key of the book, the key that followed it last time; null while the order is that of the book. */
    private int @Nullable [] followersOfKnown;

    private Utf8DictionaryBuilder keys;
    private LineMeasurement[] measurements = {};
    private int[] series = {};
    /** Per added key, the key that followed it last time. */
    private int[] followers = {};

    private int last = NONE;
    private int next;
    private int remembered;
    private int strays;

    SeriesKeys(SeriesBook book, LongConsumer memory) {
        this.book = book;
        this.known = book.size();
        this.memory = memory;
        this.keys = new Utf8DictionaryBuilder(memory);
        this.next = known > 0 ? 0 : NONE;
    }

    /** The key that stands at {@code at}, followed by a space, if the prediction is right; else {@link #NONE}. */
    int predicted(byte[] buffer, int at, int limit) {
        int key = next;
        if (key == NONE) {
            return NONE;
        }
        boolean isKnown = key < known;
        Utf8DictionaryBuilder dictionary = isKnown ? book.keys() : keys;
        int code = isKnown ? key : key - known;
        if (!dictionary.isPrefix(code, buffer, at, limit - 1)) {
            return NONE;
        }
        return buffer[at + dictionary.length(code)] == ' ' ? key : NONE;
    }

    /** The key {@code buffer[from, to)}, whose hash is given, or {@link #NONE}. */
    int find(byte[] buffer, int from, int to, int hash) {
        int key = known == 0 ? NONE : book.keys().find(buffer, from, to, hash);
        if (key == NONE) {
            int code = keys.find(buffer, from, to, hash);
            return code < 0 ? NONE : known + code;
        }
        return key;
    }

    /** Remembers a key, whose hash is given, that an accepted row had. */
    int add(byte[] buffer, int from, int to, int hash, LineMeasurement measurement, int number) {
        int code = keys.intern(buffer, from, to, hash);
        if (code >= series.length) {
            int capacity = Math.max(16, code + (code >> 1));
            memory.accept((long) ENTRY_BYTES * (capacity - series.length));
            measurements = Arrays.copyOf(measurements, capacity);
            series = Arrays.copyOf(series, capacity);
            int before = followers.length;
            followers = Arrays.copyOf(followers, capacity);
            Arrays.fill(followers, before, capacity, NONE);
        }
        measurements[code] = measurement;
        series[code] = number;
        return known + code;
    }

    /** Learns that {@code key}, which stands for that series, came next, in a row that was accepted. */
    void follow(int key, int number) {
        if (key < known && (seriesOfKnown == null || seriesOfKnown[key] == 0)) {
            remember(key, number);
        }
        if (key != next && last != NONE) {
            stray(key);
        }
        last = key;
        next = follower(key);
    }

    private void remember(int key, int number) {
        remembered++;
        if (seriesOfKnown == null && known <= remembered * WORTH_AN_ARRAY) {
            memory.accept((long) Integer.BYTES * known);
            seriesOfKnown = new int[known];
        }
        if (seriesOfKnown != null) {
            seriesOfKnown[key] = number + 1;
        }
    }

    /** Learns that {@code key} followed the last one, which was not expected. */
    private void stray(int key) {
        if (last >= known) {
            followers[last - known] = key;
            return;
        }
        strays++;
        if (followersOfKnown == null && known <= strays * WORTH_AN_ARRAY) {
            memory.accept((long) Integer.BYTES * known);
            followersOfKnown = new int[known];
            for (int i = 0; i < known; i++) {
                followersOfKnown[i] = (i + 1) % known;
            }
        }
        if (followersOfKnown != null) {
            followersOfKnown[last] = key;
        }
    }

    private int follower(int key) {
        if (key >= known) {
            return followers[key - known];
        } else if (followersOfKnown != null) {
            return followersOfKnown[key];
        }
        return key + 1 < known ? key + 1 : 0;
    }

    int length(int key) {
        return key < known ? book.keys().length(key) : keys.length(key - known);
    }

    /** Whether an earlier request had this key: then {@link #book} knows its measurement and tags. */
    boolean isKnown(int key) {
        return key < known;
    }

    SeriesBook book() {
        return book;
    }

    /** The measurement of a key that this request added. */
    LineMeasurement measurement(int key) {
        return measurements[key - known];
    }

    /** The series of a key in the batch being built, or {@link #NONE} when no row of it had this key. */
    int series(int key) {
        if (key >= known) {
            return series[key - known];
        }
        return seriesOfKnown == null ? NONE : seriesOfKnown[key] - 1;
    }

    /** How often a key was found in the book that had no series yet. */
    int remembered() {
        return remembered;
    }

    /** The keys this request added since series numbers started anew. */
    Utf8DictionaryBuilder added() {
        return keys;
    }

    LineMeasurement measurementOfAdded(int code) {
        return measurements[code];
    }

    int seriesOfAdded(int code) {
        return series[code];
    }

    /** Forgets every key and series of this request, for series numbers that start anew. */
    void clear() {
        int arrays = (seriesOfKnown == null ? 0 : known) + (followersOfKnown == null ? 0 : known);
        memory.accept(-keys.sizeBytes() - (long) ENTRY_BYTES * series.length - (long) Integer.BYTES * arrays);
        seriesOfKnown = null;
        followersOfKnown = null;
        keys = new Utf8DictionaryBuilder(memory);
        measurements = new LineMeasurement[0];
        series = new int[0];
        followers = new int[0];
        last = NONE;
        next = known > 0 ? 0 : NONE;
        remembered = 0;
        strays = 0;
    }
}
