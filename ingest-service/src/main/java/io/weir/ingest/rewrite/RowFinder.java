package io.weir.ingest.rewrite;

import io.weir.common.schema.MeasurementSchema;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import io.weir.storage.duckdb.SessionWork;
import java.nio.file.Path;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Finds rows by predicates, with an engine of its own, so that what is rewritten is decided as queries decide it and takes
 * nothing from them. The engine is opened when it is needed first. Thread-safe.
 */
final class RowFinder implements AutoCloseable {

    private static final int WAITING = 64;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final RewriteDirectories directories;
    private final RewriteSettings settings;
    private final Scheduler io;
    private @Nullable DuckDbEngine engine;
    private boolean closed;

    RowFinder(RewriteDirectories directories, RewriteSettings settings, Scheduler io) {
        this.directories = directories;
        this.settings = settings;
        this.io = io;
    }

    /** Numbers of the rows of a file for which one of the predicates is true. */
    Mono<BitSet> rows(Path file, MeasurementSchema schema, List<String> predicates) {
        return work(connection -> connection.deletedRows(schema, file.toString(), predicates));
    }

    /** For how many rows of a file a predicate is true, of those for which none of {@code deleted} is. */
    Mono<Long> count(Path file, MeasurementSchema schema, String predicate, List<String> deleted) {
        return work(connection -> connection.countRows(schema, file.toString(), predicate, deleted));
    }

    /** Whether a predicate, which names no other column than the time, is true at both times. */
    Mono<Boolean> isTrueAt(long fromMicros, long toMicros, String predicate) {
        return work(connection -> connection.isDeletedAt(List.of(fromMicros, toMicros), List.of(predicate)));
    }

    private <R> Mono<R> work(SessionWork<R> work) {
        return Mono.fromSupplier(this::open)
                .subscribeOn(io)
                .flatMap(open -> open.withSession(
                                settings.timeout(), session -> session.run(work).flux())
                        .single());
    }

    private synchronized DuckDbEngine open() {
        if (closed) {
            throw new IllegalStateException("rewriting has ended");
        }
        DuckDbEngine open = engine;
        if (open == null) {
            open = DuckDbEngine.open(new DuckDbSettings(
                    List.of(directories.data()),
                    directories.spill(),
                    settings.engineMemory().toBytes(),
                    1,
                    1,
                    WAITING,
                    PATIENCE,
                    PATIENCE));
            engine = open;
        }
        return open;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (engine != null) {
            engine.close();
        }
    }
}
