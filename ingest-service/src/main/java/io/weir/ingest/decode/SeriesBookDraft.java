package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.weir.common.batch.SeriesCopier;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.SeriesTableBuilder;
import io.weir.common.batch.Utf8DictionaryBuilder;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** A {@link SeriesBook} being written. */
final class SeriesBookDraft {

    private static final int FIRST = 64;
    private static final int MEASUREMENT_BYTES = 256;

    private final long maxBytes;
    private final Map<String, SeriesTableBuilder> builders = new LinkedHashMap<>();
    private final Map<String, Integer> numbers = new LinkedHashMap<>();
    private final IdentityHashMap<SeriesTable, SeriesCopier> copiers = new IdentityHashMap<>();
    private long bytes;
    private final Utf8DictionaryBuilder keys = new Utf8DictionaryBuilder(delta -> bytes += delta);
    private int[] measurements = new int[FIRST];
    private int[] series = new int[FIRST];

    SeriesBookDraft(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Adds a key, unless it stands here already or there is no room left.
     *
     * @param source where the key is entry {@code code}
     * @param name its measurement
     * @param table where its series is {@code number}
     */
    void add(Utf8DictionaryBuilder source, int code, byte[] name, SeriesTable table, int number) {
        int start = source.start(code);
        int key = keys.size();
        if (bytes >= maxBytes || keys.intern(source.bytes(), start, start + source.length(code)) != key) {
            return;
        }
        if (key == measurements.length) {
            measurements = Arrays.copyOf(measurements, key * 2);
            series = Arrays.copyOf(series, key * 2);
        }
        bytes += 2L * Integer.BYTES;
        String measurement = new String(name, UTF_8);
        SeriesTableBuilder builder = builders.get(measurement);
        if (builder == null) {
            bytes += MEASUREMENT_BYTES;
            builder = new SeriesTableBuilder(delta -> bytes += delta);
            numbers.put(measurement, builders.size());
            builders.put(measurement, builder);
        }
        SeriesTableBuilder target = builder;
        SeriesCopier copier =
                copiers.computeIfAbsent(table, unused -> new SeriesCopier(table, target, target::tag, delta -> {}));
        measurements[key] = numbers.getOrDefault(measurement, 0);
        series[key] = copier.copy(number);
        builder.commit();
    }

    SeriesBook book() {
        Map<String, SeriesTable> tables = new LinkedHashMap<>();
        builders.forEach((name, builder) -> tables.put(name, builder.build()));
        return new SeriesBook(
                keys, Arrays.copyOf(measurements, keys.size()), Arrays.copyOf(series, keys.size()), tables);
    }
}
