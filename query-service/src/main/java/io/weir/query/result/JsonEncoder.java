package io.weir.query.result;

import io.weir.storage.duckdb.ResultCursor;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One document: {@code {"success":true,"columns":[…],"types":[…],"data":[[…],…],"row_count":N,…}}. */
final class JsonEncoder extends RowEncoder {

    private final long startNanos;
    private final NextPage next;

    JsonEncoder(RowLimit limit, NumberForm numbers, long startNanos, NextPage next) {
        super(limit, numbers);
        this.startNanos = startNanos;
        this.next = next;
    }

    @Override
    void begin(ResultCursor cursor) {
        out.raw("{\"success\":true,\"columns\":");
        strings(cursor.columnNames());
        out.raw(",\"types\":");
        strings(cursor.columnTypes());
        out.raw(",\"data\":[");
    }

    private void strings(List<String> texts) {
        out.raw('[');
        for (int i = 0; i < texts.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.string(texts.get(i));
        }
        out.raw(']');
    }

    @Override
    void row(TextColumn[] columns, int row, boolean first) {
        if (!first) {
            out.raw(',');
        }
        out.raw('[');
        for (int i = 0; i < columns.length; i++) {
            if (i > 0) {
                out.raw(',');
            }
            columns[i].write(out, row);
        }
        out.raw(']');
    }

    @Override
    void end() throws IOException {
        out.raw("],\"row_count\":");
        out.number(limit.rows());
        out.raw(",\"execution_time_ms\":");
        out.number(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos));
        out.raw(",\"timestamp\":");
        out.string(Instant.now().toString());
        if (limit.truncated()) {
            out.raw(",\"truncated\":true");
        }
        String cursor = next.cursor();
        if (cursor != null) {
            out.raw(",\"next_cursor\":");
            out.string(cursor);
        }
        out.raw('}');
    }

    @Override
    boolean eager() {
        return false;
    }
}
