package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.Utf8DictionaryBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The series keys of one database that earlier requests had, each with its measurement and its tags already told apart. A
 * key is written as it is spelled in line protocol; keys with a backslash are left out, so a name here is spelled as it
 * reads. Keys stand in the order in which they first came, and are expected to come in that order again. Immutable but for
 * its counters; thread-safe.
 */
final class SeriesBook {

    private static final int MEASUREMENT_BYTES = 256;

    private final Utf8DictionaryBuilder keys;
    private final int[] measurements;
    private final int[] series;
    private final List<byte[]> names = new ArrayList<>();
    private final List<SeriesTable> tables = new ArrayList<>();
    private final long sizeBytes;
    private final AtomicLong hits = new AtomicLong();
    private final AtomicLong misses = new AtomicLong();

    /** Takes ownership; numbers of measurements are positions in {@code tableByMeasurement}. */
    SeriesBook(
            Utf8DictionaryBuilder keys, int[] measurements, int[] series, Map<String, SeriesTable> tableByMeasurement) {
        this.keys = keys;
        this.measurements = measurements;
        this.series = series;
        long bytes = keys.sizeBytes() + 4L * (measurements.length + series.length) + MEASUREMENT_BYTES;
        for (Map.Entry<String, SeriesTable> entry : tableByMeasurement.entrySet()) {
            byte[] name = entry.getKey().getBytes(UTF_8);
            names.add(name);
            tables.add(entry.getValue());
            bytes += entry.getValue().sizeBytes() + name.length + MEASUREMENT_BYTES;
        }
        this.sizeBytes = bytes;
    }

    /** A book without keys. */
    static SeriesBook empty() {
        return new SeriesBook(new Utf8DictionaryBuilder(delta -> {}), new int[0], new int[0], Map.of());
    }

    /** Number of keys. */
    int size() {
        return keys.size();
    }

    /** Heap this book holds. */
    long sizeBytes() {
        return sizeBytes;
    }

    /** The keys, by number; not to be added to. */
    Utf8DictionaryBuilder keys() {
        return keys;
    }

    /** Measurement of a key, as a number that is equal for equal measurements. */
    int measurement(int key) {
        return measurements[key];
    }

    /** Name of a measurement. */
    byte[] name(int measurement) {
        return names.get(measurement);
    }

    /** Series of a measurement. */
    SeriesTable table(int measurement) {
        return tables.get(measurement);
    }

    /** Number of a key's series in the table of its measurement. */
    int series(int key) {
        return series[key];
    }

    /** Counts the keys of one request that were found here, and those that were not. */
    void count(long found, long missed) {
        hits.addAndGet(found);
        misses.addAndGet(missed);
    }

    long hits() {
        return hits.get();
    }

    long misses() {
        return misses.get();
    }

    /** A book of these keys and those that a finished request added, as far as {@code maxBytes} reach. */
    SeriesBook plus(SeriesKeys found, long maxBytes) {
        SeriesBookDraft draft = new SeriesBookDraft(maxBytes);
        for (int key = 0; key < size(); key++) {
            int measurement = measurements[key];
            draft.add(keys, key, names.get(measurement), tables.get(measurement), series[key]);
        }
        Utf8DictionaryBuilder added = found.added();
        for (int key = 0; key < added.size(); key++) {
            LineMeasurement measurement = found.measurementOfAdded(key);
            SeriesTable table = measurement.lastTable();
            int start = added.start(key);
            if (table != null && !Escapes.present(added.bytes(), start, start + added.length(key))) {
                draft.add(added, key, measurement.name.getBytes(UTF_8), table, found.seriesOfAdded(key));
            }
        }
        return draft.book();
    }
}
