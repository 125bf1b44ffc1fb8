package io.weir.storage.duckdb;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import reactor.core.publisher.Flux;

/** Small engines and plain reads for tests. */
final class Engines {

    static final Duration LONG = Duration.ofSeconds(30);

    /** Never ends by itself, gives a row in time, and can be interrupted. */
    static final String ENDLESS =
            "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range + b.range) = 1";

    private Engines() {}

    static DuckDbSettings settings(Path directory, int sessions, int pending, Duration acquire) {
        return new DuckDbSettings(
                List.of(directory.resolve("data")),
                directory.resolve("spill"),
                256L << 20,
                2,
                sessions,
                pending,
                acquire,
                Duration.ofSeconds(30));
    }

    static DuckDbEngine engine(Path directory, int sessions) {
        return DuckDbEngine.open(settings(directory, sessions, 64, Duration.ofSeconds(10)));
    }

    /** Rows as lists of plain objects. */
    static Flux<List<List<Object>>> rows(DuckDbSession session, String sql, Object... parameters) {
        return session.stream(sql, List.of(parameters), Engines::readRows);
    }

    static List<List<Object>> rows(DuckDbEngine engine, String sql) {
        return engine.withSession(LONG, session -> rows(session, sql))
                .flatMapIterable(rows -> rows)
                .collectList()
                .block();
    }

    private static List<List<Object>> readRows(ResultCursor cursor) throws IOException {
        if (!cursor.advance()) {
            return null;
        }
        List<List<Object>> rows = new ArrayList<>();
        for (int row = 0; row < cursor.batch().getRowCount(); row++) {
            List<Object> values = new ArrayList<>();
            for (FieldVector vector : cursor.batch().getFieldVectors()) {
                Object value = vector.getObject(row);
                values.add(value instanceof org.apache.arrow.vector.util.Text text ? text.toString() : value);
            }
            rows.add(values);
        }
        return rows;
    }
}
