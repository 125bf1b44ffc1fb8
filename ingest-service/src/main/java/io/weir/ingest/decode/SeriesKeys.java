package io.weir.ingest.decode;

import io.weir.common.batch.Utf8DictionaryBuilder;
import java.util.Arrays;
import java.util.function.LongConsumer;

/**
 * The series keys (measurement and tags, as spelled) of one request, each with its measurement and series number, so
 * that a key is understood once. A key is predicted before it is searched for: it is probably the one that followed the
 * key before it last time, and one comparison tells.
 */
final class SeriesKeys {

    /** No key. */
    static final int NONE = -1;

    private static final int ENTRY_BYTES = 16;

    private final LongConsumer memory;
    private Utf8DictionaryBuilder keys;
    private LineMeasurement[] measurements = {};
    private int[] series = {};
    /** Per key, the key that followed it last time. */
    private int[] followers = {};

    private int last = NONE;

    SeriesKeys(LongConsumer memory) {
        this.memory = memory;
        this.keys = new Utf8DictionaryBuilder(memory);
    }

    /** The key that stands at {@code at}, followed by a space, if the prediction is right; else {@link #NONE}. */
    int predicted(byte[] buffer, int at, int limit) {
        if (last == NONE) {
            return NONE;
        }
        int key = followers[last];
        if (key == NONE || !keys.isPrefix(key, buffer, at, limit - 1)) {
            return NONE;
        }
        return buffer[at + keys.length(key)] == ' ' ? key : NONE;
    }

    /** The known key {@code buffer[from, to)}, or {@link #NONE}. */
    int find(byte[] buffer, int from, int to) {
        return keys.find(buffer, from, to);
    }

    /** Remembers a key that an accepted row had. */
    int add(byte[] buffer, int from, int to, LineMeasurement measurement, int number) {
        int key = keys.intern(buffer, from, to);
        if (key >= series.length) {
            int capacity = Math.max(16, key + (key >> 1));
            memory.accept((long) ENTRY_BYTES * (capacity - series.length));
            measurements = Arrays.copyOf(measurements, capacity);
            series = Arrays.copyOf(series, capacity);
            int before = followers.length;
            followers = Arrays.copyOf(followers, capacity);
            Arrays.fill(followers, before, capacity, NONE);
        }
        measurements[key] = measurement;
        series[key] = number;
        return key;
    }

    /** Learns that {@code key} came next. */
    void follow(int key) {
        if (last != NONE) {
            followers[last] = key;
        }
        last = key;
    }

    int length(int key) {
        return keys.length(key);
    }

    LineMeasurement measurement(int key) {
        return measurements[key];
    }

    int series(int key) {
        return series[key];
    }

    /** Forgets every key, for series numbers that start anew. */
    void clear() {
        memory.accept(-keys.sizeBytes() - (long) ENTRY_BYTES * series.length);
        keys = new Utf8DictionaryBuilder(memory);
        measurements = new LineMeasurement[0];
        series = new int[0];
        followers = new int[0];
        last = NONE;
    }
}
