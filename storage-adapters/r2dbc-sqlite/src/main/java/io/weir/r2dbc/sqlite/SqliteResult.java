package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.Result;
import io.r2dbc.spi.Row;
import io.r2dbc.spi.RowMetadata;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * What one statement answered: rows, a count, rows and then their count (RETURNING), or nothing.
 *
 * <p>Consumed once. Its signals come on the connection's worker, and so does the caller's mapping function: move slow
 * work elsewhere with {@code publishOn}. A result with rows holds a cursor open until its last row is read, it is
 * cancelled, another statement runs before it is consumed, or the connection closes.
 */
final class SqliteResult implements Result {
    static final long NO_COUNT = -1;

    private final Flux<Segment> segments;
    private final @Nullable RowSource rows;
    private final boolean countFollowsRows;

    private SqliteResult(Flux<Segment> segments, @Nullable RowSource rows, boolean countFollowsRows) {
        this.segments = segments;
        this.rows = rows;
        this.countFollowsRows = countFollowsRows;
    }

    static SqliteResult ofRows(Cursor cursor, ConnectionWorker worker) {
        RowSource rows = new RowSource(cursor, worker);
        return new SqliteResult(rows, rows, cursor.returnsChangedRows());
    }

    static SqliteResult ofCount(long count) {
        return new SqliteResult(count == NO_COUNT ? Flux.empty() : Flux.just(new ChangedRows(count)), null, false);
    }

    /** Gives up a result that nobody will consume. */
    void discard() {
        if (rows != null) {
            rows.discard();
        }
    }

    @Override
    public Mono<Long> getRowsUpdated() {
        if (rows != null && !countFollowsRows) {
            // A query changes nothing: its rows need not be read to know it.
            return Mono.fromRunnable(rows::discard);
        }
        return segments.ofType(Result.UpdateCount.class)
                .map(Result.UpdateCount::value)
                .reduce(Long::sum);
    }

    @Override
    public <T> Flux<T> map(BiFunction<Row, RowMetadata, ? extends T> mappingFunction) {
        requireNonNull(mappingFunction, "mapping function");
        return segments.handle((segment, sink) -> {
            if (segment instanceof RowSegment rowSegment) {
                Row row = rowSegment.row();
                T mapped = mappingFunction.apply(row, row.getMetadata());
                if (mapped == null) {
                    throw new IllegalStateException("the mapping function returned null (expected: a value)");
                }
                sink.next(mapped);
            }
        });
    }

    @Override
    public SqliteResult filter(Predicate<Segment> filter) {
        requireNonNull(filter, "filter");
        return new SqliteResult(segments.filter(filter), rows, countFollowsRows);
    }

    @Override
    public <T> Flux<T> flatMap(Function<Segment, ? extends Publisher<? extends T>> mappingFunction) {
        requireNonNull(mappingFunction, "mapping function");
        // One at a time and none ahead: a segment is read when the one before is done.
        return segments.concatMap(mappingFunction, 0);
    }

    private static void requireNonNull(@Nullable Object argument, String what) {
        if (argument == null) {
            throw new IllegalArgumentException(what + " is null");
        }
    }
}
