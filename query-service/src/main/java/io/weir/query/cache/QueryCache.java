package io.weir.query.cache;

import com.github.benmanes.caffeine.cache.Ticker;
import io.weir.common.cache.SharedCache;
import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorKind;
import io.weir.common.error.WeirException;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.DatabaseId;
import io.weir.common.signal.Signals;
import io.weir.query.QueryError;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.ParsedStatement;
import io.weir.query.result.compress.ResultCompression;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.TableResolver;
import io.weir.query.snapshot.TableVersion;
import io.weir.storage.duckdb.EngineError;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Answers queries from results that are kept, or from the run of an equal query, or by a run whose result it keeps. An
 * answer is never older than the question: it is looked up by the versions of the measurements at that moment. Thread-safe;
 * never blocks.
 *
 * <pre>
 *   statement known? ─ no ─▶ equal query running, nothing read yet? ─ join │ run
 *        │ yes
 *   versions of its measurements ─▶ kept under them? ─ yes ─▶ its bytes
 *        │ no
 *   equal query running, same versions? ─ join │ run ─▶ keep
 * </pre>
 */
public final class QueryCache {

    private static final Logger LOG = LoggerFactory.getLogger(QueryCache.class);
    private static final int VERSIONS_AT_ONCE = 8;

    /** Of the memory, by which it is divided while memory is short. */
    private static final int PRESSED_PART = 4;

    private final QueryRunner runner;
    private final TableResolver tables;
    private final QueryCacheSettings settings;
    private final CacheCounters counters = new CacheCounters();
    private final LocalResults local;
    private final ResultStore store;
    private final @Nullable SharedResults shared;
    private final StatementMemo memo = new StatementMemo();
    private final MemoryBudget gathering;

    /** Runs that others may join; each is of one who waits for it, so there are never more than requests. */
    private final Map<CacheSubject, SharedRun> runs = new ConcurrentHashMap<>();

    /**
     * A cache in front of that runner.
     *
     * @param second results that processes share, behind those of this one; null when there is none
     * @param signals how processes tell each other what to forget
     */
    public QueryCache(
            QueryRunner runner,
            TableResolver tables,
            QueryCacheSettings settings,
            @Nullable SharedCache second,
            Signals signals) {
        this(runner, tables, settings, second, signals, Ticker.systemTicker());
    }

    QueryCache(
            QueryRunner runner,
            TableResolver tables,
            QueryCacheSettings settings,
            @Nullable SharedCache second,
            Signals signals,
            Ticker ticker) {
        this.runner = runner;
        this.tables = tables;
        this.settings = settings;
        this.local = new LocalResults(settings, counters, ticker);
        this.shared = second == null ? null : new SharedResults(local, second, signals, counters, settings.ttl());
        this.store = shared == null ? local : shared;
        this.gathering = MemoryBudget.root("results on their way into the cache", settings.gatheringBytes());
    }

    /**
     * The bytes of the answer, at the subscriber's pace.
     *
     * @param source told where they come from before the first of them
     * @return fails as {@link QueryRunner#run} does, and with {@code query-timeout} when the run of another one took too long;
     *     cancelling it ends a run only if nobody else waits for it
     */
    public Flux<byte[]> answer(CacheRequest request, AnswerSource source) {
        if (!settings.enabled() || request.bypass() || request.query().freshness() == Freshness.COMMITTED) {
            return Flux.defer(() -> {
                counters.bypass();
                return runner.run(request.query(), request.reader());
            });
        }
        return Flux.defer(() -> lookUp(request, source));
    }

    private Flux<byte[]> lookUp(CacheRequest request, AnswerSource source) {
        StatementMemo.Known known =
                memo.find(request.organisation(), request.query().sql());
        if (known == null) {
            return joinOrRun(request, source, null);
        }
        if (!known.keepable()) {
            return alone(request, source, true);
        }
        requireReadable(request.query(), known);
        return versions(request.query(), known).flatMapMany(versions -> {
            if (!CacheKey.isComplete(versions)) {
                return alone(request, source, true);
            }
            CacheSubject subject = request.subject().of(known.form().digest());
            return store.find(new CacheKey(subject, versions))
                    .map(result -> {
                        counters.hit();
                        source.hit(subject, result);
                        return result.body();
                    })
                    .defaultIfEmpty(Flux.defer(() -> joinOrRun(request, source, versions)))
                    .flatMapMany(body -> body);
        });
    }

    /** The versions now; none where a measurement is not there, of which the run will tell more. */
    private Mono<Set<TableVersion>> versions(Query query, StatementMemo.Known known) {
        return Flux.fromIterable(known.tables())
                .flatMap(
                        reference -> tables.version(query.readable(reference.database()), reference.name()),
                        VERSIONS_AT_ONCE)
                .<Set<TableVersion>>collect(HashSet::new, Set::add)
                .onErrorReturn(
                        WeirException.class,
                        Set.of(new TableVersion(
                                new DatabaseId(query.organisation(), query.database()).table(""), "", "")));
    }

    /**
     * To be called before a caller is given what somebody else's run has made.
     *
     * @throws WeirException {@code forbidden} when the caller may not read a database that the statement names
     */
    private static void requireReadable(Query query, StatementMemo.Known known) {
        known.tables().forEach(reference -> query.readable(reference.database()));
    }

    /**
     * To be called when its result is subscribed to, for whoever finds the run counts on its being started.
     *
     * @param versions what the answer must have seen; null when the statement is new and nobody could tell
     */
    private Flux<byte[]> joinOrRun(CacheRequest request, AnswerSource source, @Nullable Set<TableVersion> versions) {
        SharedRun own = new SharedRun(request, this, source);
        SharedRun other = runs.putIfAbsent(request.subject(), own);
        if (other == null) {
            return own.leader(runner);
        }
        own.abandon();
        SharedRun.Seat seat = other.join();
        if (seat == null) {
            return instead(other, request, source);
        }
        if (seat.isBeforeReading()) {
            return joined(other, seat, request, source);
        }
        return other.versions()
                .map(seen -> seen.equals(versions))
                .defaultIfEmpty(false)
                .flatMapMany(same -> {
                    if (same) {
                        return joined(other, seat, request, source);
                    }
                    seat.leave();
                    return versions == null ? againOrAlone(request, source) : instead(other, request, source);
                })
                .doFinally(signal -> seat.leave());
    }

    /** For one whose statement was new a moment ago and is known now. */
    private Flux<byte[]> againOrAlone(CacheRequest request, AnswerSource source) {
        boolean isKnown = memo.find(request.organisation(), request.query().sql()) != null;
        return isKnown ? lookUp(request, source) : alone(request, source, false);
    }

    /** Runs in place of a run that is over, or of older rows; others join this one from now on. */
    private Flux<byte[]> instead(SharedRun other, CacheRequest request, AnswerSource source) {
        return Flux.defer(() -> {
            SharedRun own = new SharedRun(request, this, source);
            if (runs.replace(request.subject(), other, own) || runs.putIfAbsent(request.subject(), own) == null) {
                return own.leader(runner);
            }
            own.abandon();
            return alone(request, source, false);
        });
    }

    private Flux<byte[]> joined(SharedRun other, SharedRun.Seat seat, CacheRequest request, AnswerSource source) {
        Duration limit = request.query().timeout();
        return other.ending()
                .timeout(limit)
                .onErrorMap(TimeoutException.class, e -> outOfTime(limit))
                .doFinally(signal -> seat.leave())
                .flatMapMany(ending -> {
                    if (ending instanceof SharedRun.Ending.Whole whole) {
                        requireReadable(request.query(), whole.statement());
                        counters.shared();
                        source.hit(whole.subject(), whole.result());
                        return whole.result().body();
                    }
                    if (ending instanceof SharedRun.Ending.Failed failed && isEverybodys(failed.failure())) {
                        return Flux.error(failed.failure());
                    }
                    return alone(request, source, false);
                });
    }

    private static WeirException outOfTime(Duration limit) {
        return new WeirException(
                EngineError.QUERY_TIMEOUT,
                "an equal query that was running already did not finish within " + limit.toMillis() + " ms",
                Map.of("timeout_ms", limit.toMillis()));
    }

    /** Whether a failure is the statement's or the server's, and not that of the one who asked first. */
    private static boolean isEverybodys(Throwable failure) {
        if (!(failure instanceof WeirException weir)) {
            return false;
        }
        return weir.code() == CommonError.OVERLOADED
                || weir.code() == CommonError.SHUTTING_DOWN
                || (weir.code().kind() == ErrorKind.CLIENT
                        && weir.code() != CommonError.FORBIDDEN
                        && weir.code() != QueryError.QUERY_CANCELLED
                        && weir.code() != EngineError.READER_TIMEOUT);
    }

    /** Runs without keeping or sharing anything. */
    private Flux<byte[]> alone(CacheRequest request, AnswerSource source, boolean bypass) {
        return Flux.defer(() -> {
            if (bypass) {
                counters.bypass();
                source.bypass();
            } else {
                counters.miss();
                StatementMemo.Known known =
                        memo.find(request.organisation(), request.query().sql());
                source.miss(
                        known == null ? null : request.subject().of(known.form().digest()));
            }
            return runner.run(request.query(), request.reader());
        });
    }

    ResultCollector collector(ResultCompression compression) {
        return new ResultCollector(compression, settings.maxResultBytes(), gathering);
    }

    StatementMemo.Known remember(CacheRequest request, ParsedStatement statement) {
        return memo.remember(request.organisation(), request.query().sql(), statement);
    }

    void keep(CacheKey key, CachedResult result) {
        store.keep(key, result)
                .subscribe(nothing -> {}, e -> LOG.warn("a result could not be kept; nothing else is lost", e));
    }

    /** A run has ended: the next one who asks finds what it has kept, or runs again. */
    void forget(SharedRun run, CacheRequest request) {
        runs.remove(request.subject(), run);
    }

    CacheCounters counters() {
        return counters;
    }

    /** Forgets results. @return how many */
    public Mono<Long> invalidate(Selection selection) {
        return store.remove(selection);
    }

    /** Forgets what other processes have forgotten, from now on. Never ends by itself. */
    Mono<Void> follow() {
        return shared == null ? Mono.never() : shared.follow();
    }

    /** Results that another process had made. */
    public long sharedHits() {
        return counters.sharedHits();
    }

    /** Results that were looked for among those of other processes and were not there, or not in time. */
    public long sharedMisses() {
        return counters.sharedMisses();
    }

    /** Whether results are kept at all. */
    public boolean isEnabled() {
        return settings.enabled();
    }

    /** Lets go of results that are too old. */
    public void sweep() {
        local.sweep();
    }

    /** While memory is short, a quarter of the usual memory is used. */
    public void pressed(boolean high) {
        local.shrink(high ? PRESSED_PART : 1);
    }

    /** The cache in numbers. */
    public CacheStats stats() {
        return counters.stats(local, settings);
    }

    /** Results of that organisation that are kept. */
    public int size(String organisation) {
        return local.size(organisation);
    }

    /** Results of one organisation that may be kept. */
    public int mostPerOrganisation() {
        return settings.entriesPerOrganisation();
    }

    /** Runs that others may join now. */
    int running() {
        return runs.size();
    }

    /** Bytes of results on their way into the cache. */
    long gatheringBytes() {
        return gathering.usedBytes();
    }
}
