package io.weir.query.cursor;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import io.weir.query.engine.QueryRunner;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The results that are read page by page. A query is run once, to its end, and its pages are written to a file, from which
 * they are read: pages are of one snapshot, whatever is written, flushed or removed meanwhile, and a client that does not
 * come back costs a file until it expires. Bounded in number and bytes, in all and for each organisation. Thread-safe; never
 * blocks, except for making and closing it.
 */
public final class Cursors implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Cursors.class);

    private final QueryRunner runner;
    private final CursorSettings settings;
    private final Path directory;
    private final Scheduler io;
    private final Clock clock;
    private final LongAdder opened = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final LongAdder evicted = new LongAdder();

    /** In the order in which they were last used. Guards itself and the two below. */
    private final LinkedHashMap<String, Cursor> cursors = new LinkedHashMap<>(16, 0.75f, true);

    private final Map<Cursor, Long> bytesOf = new HashMap<>();
    private long bytes;
    private boolean closed;

    /**
     * Has the run of a query listed while it lasts.
     *
     * @see io.weir.query.engine.RunningQueries#track
     */
    @FunctionalInterface
    public interface Tracking {

        /** The same result, tracked; {@code rows} tells how far it is. */
        <T> Flux<T> track(LongSupplier rows, Flux<T> result);
    }

    /**
     * No cursors yet. Blocks: what an earlier process left is removed.
     *
     * @param directory for their files, nobody else's
     * @param io where files are read, written and removed
     * @throws WeirException {@code configuration} when the directory cannot be used
     */
    public Cursors(QueryRunner runner, CursorSettings settings, Path directory, Scheduler io, Clock clock) {
        this.runner = runner;
        this.settings = settings;
        this.directory = directory;
        this.io = io;
        this.clock = clock;
        try {
            Files.createDirectories(directory);
            try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
                for (Path file : left) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            throw new WeirException(CommonError.CONFIGURATION, "the directory of cursors cannot be prepared", e);
        }
    }

    /**
     * Runs a query; its first page, as soon as that is written.
     *
     * @return fails as the query does. Cancelling it ends the query
     */
    public Mono<Page> open(PagedQuery query, Tracking tracking) {
        return Mono.fromCallable(() -> add(query)).subscribeOn(io).flatMap(cursor -> {
            AtomicBoolean given = new AtomicBoolean(); // from then on it is the client's
            return Mono.defer(() -> {
                        cursor.start(runner, result -> tracking.track(cursor::rows, result));
                        return cursor.page(0, () -> endIfOnly(cursor));
                    })
                    .doOnNext(page -> given.set(true))
                    .doOnError(e -> end(cursor, gone()))
                    .doOnCancel(() -> {
                        if (!given.get()) {
                            end(cursor, gone());
                        }
                    });
        });
    }

    private void endIfOnly(Cursor cursor) {
        if (cursor.isOnePage()) {
            end(cursor, gone());
        }
    }

    private Cursor add(PagedQuery query) throws IOException {
        List<Cursor> leaving = new ArrayList<>();
        Cursor cursor;
        CursorId id = CursorId.fresh();
        Cursor[] self = new Cursor[1];
        SpoolFile file = new SpoolFile(directory.resolve(id.name()), more -> charge(self[0], more));
        cursor = new Cursor(query, id, file, io, clock.instant());
        self[0] = cursor;
        boolean refused;
        synchronized (cursors) {
            refused = closed;
            if (!refused) {
                long own = cursors.values().stream()
                        .filter(other -> other.query().organisation().equals(query.organisation()))
                        .count();
                if (own >= settings.maxPerOrganisation()) {
                    leaving.add(removeEldest(query.organisation(), cursor));
                }
                if (cursors.size() >= settings.maxCursors()) {
                    Cursor eldest = removeEldest(query.organisation(), cursor);
                    refused = eldest == null;
                    leaving.add(eldest);
                }
                if (!refused) {
                    cursors.put(cursor.name(), cursor);
                    bytesOf.put(cursor, 0L);
                }
            }
        }
        leaving.forEach(this::evict);
        if (refused) {
            cursor.dispose(gone());
            throw closed
                    ? new WeirException(CommonError.SHUTTING_DOWN, "the server is shutting down")
                    : new WeirException(
                            CommonError.OVERLOADED,
                            "there are " + settings.maxCursors() + " cursors, which is the most there may be",
                            Map.of("max_cursors", settings.maxCursors()));
        }
        opened.increment();
        return cursor;
    }

    /** Takes out the organisation's cursor that was used longest ago, other than that one; null when there is none. */
    private @Nullable Cursor removeEldest(String organisation, Cursor other) {
        for (Cursor cursor : cursors.values()) {
            if (cursor != other && cursor.query().organisation().equals(organisation)) {
                remove(cursor);
                return cursor;
            }
        }
        return null;
    }

    private boolean remove(Cursor cursor) {
        Long held = bytesOf.remove(cursor);
        bytes -= held == null ? 0 : held;
        return cursors.remove(cursor.name(), cursor);
    }

    private void evict(@Nullable Cursor cursor) {
        if (cursor != null) {
            evicted.increment();
            dispose(cursor, gone());
        }
    }

    /** Takes room for more bytes of a cursor, from others of its organisation if need be. */
    private void charge(@Nullable Cursor cursor, long more) {
        List<Cursor> leaving = new ArrayList<>();
        boolean full;
        synchronized (cursors) {
            if (cursor == null || !bytesOf.containsKey(cursor)) {
                throw new CancellationException("the cursor has ended");
            }
            String organisation = cursor.query().organisation();
            full = isFull(organisation, more);
            while (full) {
                Cursor eldest = removeEldest(organisation, cursor);
                if (eldest == null) {
                    break;
                }
                leaving.add(eldest);
                full = isFull(organisation, more);
            }
            if (!full) {
                bytesOf.merge(cursor, more, Long::sum);
                bytes += more;
            }
        }
        leaving.forEach(this::evict);
        if (full) {
            throw new WeirException(
                    QueryError.CURSOR_LIMIT,
                    "the result is larger than the room for results that are read page by page (weir.query.cursor.bytes-per-organisation"
                            + " is " + settings.bytesPerOrganisation() + ", weir.query.cursor.max-bytes "
                            + settings.maxBytes() + "; without page_size it is streamed, however large)",
                    Map.of());
        }
    }

    private boolean isFull(String organisation, long more) {
        long own = 0;
        for (Map.Entry<Cursor, Long> held : bytesOf.entrySet()) {
            own += held.getKey().query().organisation().equals(organisation) ? held.getValue() : 0;
        }
        return own + more > settings.bytesPerOrganisation().toBytes()
                || bytes + more > settings.maxBytes().toBytes();
    }

    /**
     * The page that a cursor stands for, as soon as it is written; again if it is asked for again.
     *
     * @return fails with {@code cursor-gone}, {@code cursor-foreign}, {@code cursor-limit}, or as the query does
     */
    public Mono<Page> next(Principal caller, String text) {
        return Mono.defer(() -> {
            CursorId id = CursorId.of(text);
            Cursor cursor = id == null ? null : find(id);
            if (id == null || cursor == null) {
                return Mono.error(gone());
            }
            if (!cursor.query().isOf(caller)) {
                return Mono.error(new WeirException(
                        QueryError.CURSOR_FOREIGN, "the cursor belongs to somebody else (expected: one's own)"));
            }
            cursor.used(clock.instant());
            return cursor.page(id.page(), () -> cursor.used(clock.instant())).switchIfEmpty(Mono.error(() -> gone()));
        });
    }

    /** That cursor, unless it is over, swept or not. */
    private @Nullable Cursor find(CursorId id) {
        Instant now = clock.instant();
        Cursor cursor;
        synchronized (cursors) {
            cursor = cursors.get(id.name());
        }
        return cursor == null || cursor.isOver(now.minus(settings.ttl()), now.minus(settings.maxAge())) ? null : cursor;
    }

    private WeirException gone() {
        Duration ttl = settings.ttl();
        return new WeirException(
                QueryError.CURSOR_GONE,
                "there is no such cursor, or it has expired: one lasts " + ttl.toSeconds()
                        + " s after it was last used, and ends earlier when its organisation has many (expected: run the query again)",
                Map.of("ttl_seconds", ttl.toSeconds()));
    }

    private void end(Cursor cursor, Throwable reason) {
        boolean removed;
        synchronized (cursors) {
            removed = remove(cursor);
        }
        if (removed) {
            dispose(cursor, reason);
        }
    }

    private void dispose(Cursor cursor, Throwable reason) {
        Mono.fromRunnable(() -> cursor.dispose(reason))
                .subscribeOn(io)
                .subscribe(nothing -> {}, e -> LOG.error("a cursor could not be ended", e));
    }

    /** Ends the cursors that are over. */
    public void sweep() {
        Instant now = clock.instant();
        List<Cursor> over;
        synchronized (cursors) {
            over = cursors.values().stream()
                    .filter(cursor -> cursor.isOver(now.minus(settings.ttl()), now.minus(settings.maxAge())))
                    .toList();
            over.forEach(this::remove);
        }
        over.forEach(cursor -> dispose(cursor, gone()));
        expired.add(over.size());
    }

    /** Cursors now. */
    public int size() {
        synchronized (cursors) {
            return cursors.size();
        }
    }

    /** Bytes of their files. */
    public long bytes() {
        synchronized (cursors) {
            return bytes;
        }
    }

    /** Cursors made since the start. */
    public long opened() {
        return opened.sum();
    }

    /** Cursors that ended because nobody used them. */
    public long expired() {
        return expired.sum();
    }

    /** Cursors that ended to make room for others. */
    public long evicted() {
        return evicted.sum();
    }

    /** Ends all cursors and removes their files. Blocks. */
    @Override
    public void close() {
        List<Cursor> all;
        synchronized (cursors) {
            closed = true;
            all = List.copyOf(cursors.values());
            all.forEach(this::remove);
        }
        WeirException reason = new WeirException(CommonError.SHUTTING_DOWN, "the server is shutting down");
        all.forEach(cursor -> cursor.dispose(reason));
    }
}
