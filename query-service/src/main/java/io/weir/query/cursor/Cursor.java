package io.weir.query.cursor;

import io.weir.query.engine.QueryRunner;
import java.io.IOException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * One result that is read page by page: the run that writes its pages to a file, and who waits for them. The run goes on by
 * itself to the end of the result, so neither a session nor the files of the snapshot wait for the client. Thread-safe.
 */
final class Cursor {

    private static final Logger LOG = LoggerFactory.getLogger(Cursor.class);

    private final PagedQuery query;
    private final CursorId id;
    private final SpoolFile file;
    private final PageReader reader;
    private final Scheduler io;
    private final Instant opened;
    private final Disposable.Swap run = Disposables.swap();
    private final PageIndex index = new PageIndex();
    private final Map<Integer, Sinks.One<Integer>> waiting = new HashMap<>();
    private Instant used;
    private int readers;
    private int lastPage = -1;
    private boolean truncated;
    private @Nullable Throwable failure;

    Cursor(PagedQuery query, CursorId id, SpoolFile file, Scheduler io, Instant now) {
        this.query = query;
        this.id = id;
        this.file = file;
        this.reader = new PageReader(query, id, file);
        this.io = io;
        this.opened = now;
        this.used = now;
    }

    PagedQuery query() {
        return query;
    }

    String name() {
        return id.name();
    }

    long rows() {
        return reader.rows();
    }

    /** Starts the run. */
    void start(QueryRunner runner, UnaryOperator<Flux<PageReader.Written>> tracked) {
        run.update(tracked.apply(runner.run(query.query(), reader))
                .doFinally(this::ended)
                .subscribe(this::added, this::failed));
    }

    private void added(PageReader.Written page) {
        Sinks.One<Integer> waiter;
        List<Sinks.One<Integer>> inVain = List.of();
        int number;
        synchronized (this) {
            number = index.size();
            index.add(page.end(), page.rows());
            waiter = waiting.remove(number);
            if (page.last()) {
                lastPage = number;
                truncated = page.truncated();
                inVain = List.copyOf(waiting.values());
                waiting.clear();
            }
        }
        inVain.forEach(Sinks.One::tryEmitEmpty);
        if (waiter != null) {
            waiter.tryEmitValue(number);
        }
    }

    /** Ends it for those who wait, and for those to come: the pages that are written can be read all the same. */
    void failed(Throwable reason) {
        List<Sinks.One<Integer>> all;
        synchronized (this) {
            failure = reason;
            all = List.copyOf(waiting.values());
            waiting.clear();
        }
        all.forEach(waiter -> waiter.tryEmitError(reason));
    }

    private void ended(SignalType signal) {
        Mono.fromRunnable(() -> {
                    try {
                        file.close();
                    } catch (IOException e) {
                        LOG.warn("the file of a cursor did not close cleanly", e);
                    }
                })
                .subscribeOn(io)
                .subscribe();
    }

    /** That page, as soon as it is written; empty when the result ends before it. */
    Mono<Page> page(int number, Runnable whenRead) {
        return Mono.defer(() -> written(number)).map(written -> of(written, whenRead));
    }

    private synchronized Mono<Integer> written(int number) {
        if (number < index.size()) {
            return Mono.just(number);
        }
        if (failure != null) {
            return Mono.error(failure);
        }
        return lastPage >= 0
                ? Mono.empty()
                : waiting.computeIfAbsent(number, n -> Sinks.one()).asMono();
    }

    private synchronized Page of(int number, Runnable whenRead) {
        boolean isLast = number == lastPage;
        long begin = index.begin(number);
        long end = index.end(number);
        return new Page(
                query.format(),
                index.rows(number),
                isLast && truncated,
                isLast ? null : id.at(number + 1).text(),
                counted(file.read(begin, end, false, io), whenRead),
                counted(file.read(begin, end, true, io), whenRead));
    }

    private Flux<byte[]> counted(Flux<byte[]> bytes, Runnable whenRead) {
        return Flux.defer(() -> {
            reading(1);
            return bytes.doFinally(signal -> {
                reading(-1);
                whenRead.run();
            });
        });
    }

    private synchronized void reading(int more) {
        readers += more;
    }

    /** Whether its first page is its last. */
    synchronized boolean isOnePage() {
        return lastPage == 0;
    }

    /** Somebody uses it now. */
    synchronized void used(Instant now) {
        used = now;
    }

    /** Whether it is to end: unused since then and nobody reads it, or older than that. */
    synchronized boolean isOver(Instant unusedSince, Instant openedBefore) {
        boolean idle = readers == 0 && waiting.isEmpty() && !used.isAfter(unusedSince);
        return idle || !opened.isAfter(openedBefore);
    }

    /** Ends the run and removes the file. Blocks. */
    void dispose(Throwable reason) {
        run.dispose();
        failed(reason);
        try {
            file.delete();
        } catch (IOException e) {
            LOG.warn("the file of a cursor could not be removed; it is when the server starts again", e);
        }
    }
}
