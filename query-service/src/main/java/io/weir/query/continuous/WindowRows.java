package io.weir.query.continuous;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.error.WeirException;
import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.duckdb.ResultCursor;
import io.weir.storage.duckdb.ResultReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.vector.FieldVector;
import org.jspecify.annotations.Nullable;

/**
 * Reads the result of a window into one batch: a row of the result is a row, at its {@code time} where the result has such a
 * column, else at the beginning of the window. For one result, used by one thread at a time.
 */
final class WindowRows implements ResultReader<WindowResult> {

    private final long startMicros;
    private final WindowCells forms;
    private final int maxRows;
    private final BatchBuilder batch;
    private final RowsDigest digest = new RowsDigest();
    private final List<WindowCell> cells = new ArrayList<>();
    private @Nullable WindowTime time;
    private boolean done;

    /**
     * @param startMicros beginning of the window, UTC microseconds
     * @param destination columns that the measurement has
     * @param maxRows most rows
     * @param maxBytes most heap that they take
     */
    WindowRows(String measurement, long startMicros, MeasurementSchema destination, int maxRows, long maxBytes) {
        this.startMicros = startMicros;
        this.forms = new WindowCells(destination);
        this.maxRows = maxRows;
        this.batch = new BatchBuilder(measurement, new Allowance(maxBytes)::take);
    }

    /** Heap that is left. */
    private static final class Allowance {

        private final long most;
        private long taken;

        Allowance(long most) {
            this.most = most;
        }

        void take(long bytes) {
            taken += bytes;
            if (taken > most) {
                throw tooLarge(most + " bytes", "weir.continuous-queries.max-memory");
            }
        }
    }

    private static WeirException tooLarge(String most, String setting) {
        return new WeirException(
                ContinuousError.WINDOW_TOO_LARGE,
                "a window has more than " + most + " (expected: a shorter interval, fewer groups, or a larger "
                        + setting + ")",
                Map.of("setting", setting));
    }

    @Override
    public @Nullable WindowResult read(ResultCursor cursor) throws IOException {
        if (done) {
            return null;
        }
        done = true;
        while (cursor.advance()) {
            if (cells.isEmpty() && time == null) {
                open(cursor);
            }
            for (int row = cursor.firstRow(); row < cursor.endRow(); row++) {
                write(row);
            }
        }
        return new WindowResult(batch.rows() == 0 ? null : batch.build(), digest.text());
    }

    private void open(ResultCursor cursor) throws IOException {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < cursor.columnNames().size(); i++) {
            String name = cursor.columnNames().get(i);
            String type = cursor.columnTypes().get(i);
            FieldVector vector = cursor.batch().getVector(i);
            if (!names.add(name.toLowerCase(Locale.ROOT))) {
                throw WindowCells.refused(name, type, "another one has the same name");
            }
            if (name.equalsIgnoreCase(MeasurementSchema.TIME)) {
                time = WindowTime.of(name, type, vector);
            } else {
                cells.add(forms.of(name, type, vector));
            }
        }
    }

    private void write(int row) {
        if (batch.rows() == maxRows) {
            throw tooLarge(maxRows + " rows", "weir.continuous-queries.max-rows");
        }
        for (int i = 0; i < cells.size(); i++) {
            digest.add(i); // a value that is null leaves its place
            cells.get(i).write(row, batch, digest);
        }
        long micros = time == null ? startMicros : time.micros(row);
        int nanos = time == null ? 0 : time.nanos(row);
        digest.add(micros);
        digest.add(nanos);
        digest.endRow();
        batch.endRow(batch.series().intern(), micros, nanos);
    }
}
