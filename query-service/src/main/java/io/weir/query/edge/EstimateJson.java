package io.weir.query.edge;

import io.weir.common.model.TimeRange;
import io.weir.query.snapshot.TableSize;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Sizes of measurements as JSON: of one, and what a query over several would read. */
final class EstimateJson {

    private static final long SOME_ROWS = 1_000_000;
    private static final long MANY_ROWS = 100_000_000;
    private static final long VERY_MANY_ROWS = 1_000_000_000;

    private EstimateJson() {}

    /** Sums, a warning level of {@code none}, {@code low}, {@code medium} or {@code high}, and each measurement. */
    static Map<String, Object> of(List<TableSize> sizes) {
        long rows = sizes.stream().mapToLong(TableSize::rows).sum();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("rows", rows);
        json.put("bytes", sizes.stream().mapToLong(TableSize::bytes).sum());
        json.put("files", sizes.stream().mapToLong(TableSize::files).sum());
        json.put("warning_level", level(rows));
        json.put("tables", sizes.stream().map(EstimateJson::table).toList());
        return json;
    }

    private static String level(long rows) {
        if (rows < SOME_ROWS) {
            return "none";
        }
        if (rows < MANY_ROWS) {
            return "low";
        }
        return rows < VERY_MANY_ROWS ? "medium" : "high";
    }

    private static Map<String, Object> table(TableSize size) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("database", size.table().database());
        json.put("measurement", size.table().measurement());
        put(json, size);
        return json;
    }

    /** Adds rows, those of them that are hot, bytes, files, and the times between which they lie, if there are any. */
    static void put(Map<String, Object> json, TableSize size) {
        json.put("rows", size.rows());
        json.put("hot_rows", size.hotRows());
        json.put("bytes", size.bytes());
        json.put("files", size.files());
        TimeRange times = size.times();
        if (!times.isEmpty()) {
            json.put("time_range", Map.of("from", text(times.fromMicros()), "to", text(times.toMicros())));
        }
    }

    private static String text(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }
}
