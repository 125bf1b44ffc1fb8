package io.weir.query.continuous;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.batch.LongColumn;
import io.weir.common.batch.SeriesTable;
import io.weir.common.batch.StringColumn;
import io.weir.common.schema.ColumnType;
import io.weir.storage.catalog.ContinuousDefinition;
import io.weir.storage.catalog.ContinuousQuery;
import io.weir.storage.catalog.ContinuousRun;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How answers about continuous queries look. */
final class ContinuousJson {

    private ContinuousJson() {}

    static Instant instant(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1000);
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    static Map<String, @Nullable Object> of(ContinuousQuery query) {
        ContinuousDefinition definition = query.definition();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", query.id());
        json.put("name", definition.name());
        json.put("database", definition.database());
        json.put("query", definition.statement());
        json.put("destination_database", definition.destination().database());
        json.put("destination_measurement", definition.destination().measurement());
        json.put("interval", definition.interval().toString());
        json.put("lag", definition.lag().toString());
        json.put("lateness", definition.lateness().toString());
        json.put("enabled", definition.enabled());
        json.put("creator", definition.creator());
        json.put("created_at", query.created().toString());
        json.put("watermark", instant(query.watermarkMicros()).toString());
        json.put("next_run_at", text(query.state().nextRun()));
        json.put("last_run_at", text(query.state().lastRun()));
        json.put("failures_in_a_row", query.state().failures());
        if (!query.state().lastFailure().isEmpty()) {
            json.put("failure", query.state().lastFailure());
        }
        return json;
    }

    static Map<String, Object> of(ContinuousRun run) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", run.id());
        json.put("began_at", run.began().toString());
        json.put("ended_at", run.ended().toString());
        json.put("from", run.from().toString());
        json.put("to", run.to().toString());
        json.put("windows", run.windows());
        json.put("recomputed", run.recomputed());
        json.put("rows", run.rows());
        if (!run.failure().isEmpty()) {
            json.put("failure", run.failure());
        }
        return json;
    }

    static Map<String, Object> of(RunTally tally) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dry_run", false);
        json.put("windows", tally.windows());
        json.put("recomputed", tally.recomputed());
        json.put("rows", tally.rows());
        return json;
    }

    /** A window that was not written, with the first of its rows. */
    static Map<String, Object> of(WindowResult result, long startMicros, long endMicros, int shown) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dry_run", true);
        json.put("start", instant(startMicros).toString());
        json.put("end", instant(endMicros).toString());
        json.put("row_count", result.rows());
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int row = 0; row < Math.min(shown, result.rows()); row++) {
            ColumnBatch batch = result.batch();
            if (batch != null) {
                rows.add(row(batch, row));
            }
        }
        json.put("rows", rows);
        return json;
    }

    private static Map<String, Object> row(ColumnBatch batch, int row) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("time", instant(batch.timeMicros()[row]).toString());
        SeriesTable series = batch.series();
        for (int tag = 0; tag < series.tagNames().size(); tag++) {
            int code = series.code(tag, batch.seriesOfRow()[row]);
            if (code != SeriesTable.ABSENT) {
                json.put(series.tagNames().get(tag), series.dictionary(tag).get(code));
            }
        }
        for (FieldColumn field : batch.fields()) {
            if (!field.isNull(row)) {
                json.put(field.name(), value(field, row));
            }
        }
        return json;
    }

    private static Object value(FieldColumn field, int row) {
        if (field instanceof LongColumn longs) {
            long value = longs.values()[row];
            return field.type() == ColumnType.UINT64 ? new BigInteger(Long.toUnsignedString(value)) : value;
        }
        if (field instanceof DoubleColumn doubles) {
            double value = doubles.values()[row];
            return Double.isFinite(value) ? value : Double.toString(value);
        }
        return field instanceof BooleanColumn booleans
                ? (Object) Bits.get(booleans.bits(), row)
                : ((StringColumn) field).get(row);
    }
}
