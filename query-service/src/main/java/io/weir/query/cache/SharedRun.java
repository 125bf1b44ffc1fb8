package io.weir.query.cache;

import io.weir.query.engine.QueryRunner;
import io.weir.query.engine.ReadObserver;
import io.weir.query.plan.ParsedStatement;
import io.weir.query.result.compress.ResultCompressor;
import io.weir.query.snapshot.TableVersion;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;
import reactor.core.publisher.Sinks;
import reactor.util.concurrent.Queues;
import reactor.util.context.Context;

/**
 * One run of a query: its bytes go to the one who asked first, as they come, and are gathered for the others who ask the
 * same meanwhile, and to be kept. Thread-safe.
 *
 * <pre>
 *   engine ──▶ onNext ──▶ collector ──▶ ending: whole result, kept and given to those who joined
 *                 │            └ too large, no memory, not to be kept ──▶ ending: they run it themselves
 *                 └──▶ queue ──▶ leader, at its pace
 * </pre>
 *
 * While the collector gathers, the engine works ahead of the leader, by a bounded number of bytes, so that a slow leader
 * does not hold up the others. After that its pace is the leader's. The run is cancelled when nobody is left who wants it.
 */
final class SharedRun implements ReadObserver {

    private static final long AHEAD_BYTES = 1 << 20;

    private final CacheRequest request;
    private final QueryCache cache;
    private final AnswerSource source;
    private final ResultCollector collector;
    private final Run run = new Run();

    /** Bounded by {@link #AHEAD_BYTES} and one chunk, or by what the leader has asked for. */
    private final Sinks.Many<byte[]> toLeader = Sinks.many()
            .unicast()
            .onBackpressureBuffer(Queues.<byte[]>unbounded(16).get());

    private final Sinks.One<Set<TableVersion>> versions = Sinks.one();
    private final Sinks.One<Ending> ending = Sinks.one();

    private final AtomicBoolean finished = new AtomicBoolean();

    private volatile StatementMemo.@Nullable Known known;
    private volatile @Nullable Set<TableVersion> readVersions;
    private boolean reading;
    private boolean gathering = true;
    private boolean leaderGone;
    private boolean dead;
    private int joined;
    private long wanted;
    private long granted;
    private long received;
    private long aheadBytes;

    /** How the gathering ended. */
    sealed interface Ending {

        /** With the whole result. */
        record Whole(StatementMemo.Known statement, CacheSubject subject, CachedResult result) implements Ending {}

        /** Without one, though the run may go on. */
        record Nothing() implements Ending {}

        /** With the run. */
        record Failed(Throwable failure) implements Ending {}
    }

    /** The place of one who joined. */
    final class Seat {

        private final boolean beforeReading;
        private final AtomicBoolean left = new AtomicBoolean();

        private Seat(boolean beforeReading) {
            this.beforeReading = beforeReading;
        }

        /**
         * Whether nothing had been read when the seat was taken, so that whatever was written before is going to be in the result;
         * otherwise the {@link #versions} tell whether it is new enough.
         */
        boolean isBeforeReading() {
            return beforeReading;
        }

        /** Gives the seat back; again does nothing. */
        void leave() {
            if (left.compareAndSet(false, true)) {
                SharedRun.this.leave();
            }
        }
    }

    SharedRun(CacheRequest request, QueryCache cache, AnswerSource source) {
        this.request = request;
        this.cache = cache;
        this.source = source;
        this.collector = cache.collector(request.compression());
    }

    /** The bytes for the one who asked first; to be subscribed to once, which starts the run. */
    Flux<byte[]> leader(QueryRunner runner) {
        return Flux.deferContextual(context -> toLeader.asFlux()
                .doOnSubscribe(subscription -> start(runner, Context.of(context)))
                .doOnRequest(this::asked)
                .doOnNext(this::taken)
                .doOnCancel(this::leaderLeft));
    }

    private void start(QueryRunner runner, Context context) {
        ResultCompressor compressor = request.compressor();
        if (compressor != null) {
            compressor.retain(); // the run may outlive the leader, whose it is
        }
        run.context = context;
        runner.run(request.query(), request.reader(), this).subscribe(run);
    }

    /** Lets go of a run that was never started. */
    void abandon() {
        collector.close();
    }

    /** A seat in the run; null when it is too late. */
    synchronized @Nullable Seat join() {
        if (dead) {
            return null;
        }
        joined++;
        return new Seat(!reading);
    }

    private void leave() {
        synchronized (this) {
            joined--;
        }
        cancelIfUnwanted();
    }

    /** The versions it has read, once it has; empty when it will not be kept. */
    Mono<Set<TableVersion>> versions() {
        return versions.asMono();
    }

    /** How it ends for those who joined. */
    Mono<Ending> ending() {
        return ending.asMono();
    }

    @Override
    public void parsed(ParsedStatement statement) {
        StatementMemo.Known remembered = cache.remember(request, statement);
        known = remembered;
        if (remembered.keepable()) {
            cache.counters().miss();
            source.miss(request.subject().of(remembered.form().digest()));
        } else {
            cache.counters().bypass();
            source.bypass();
            giveUp();
        }
    }

    @Override
    public synchronized void reading() {
        reading = true;
    }

    @Override
    public void read(Set<TableVersion> all) {
        if (CacheKey.isComplete(all)) {
            readVersions = all;
            versions.tryEmitValue(all);
        } else {
            source.bypass();
            giveUp();
        }
    }

    /** Ends the gathering; the run goes on for the leader alone. */
    private void giveUp() {
        synchronized (this) {
            gathering = false;
            reading = true;
        }
        versions.tryEmitEmpty();
        ending.tryEmitValue(new Ending.Nothing());
        cancelIfUnwanted();
    }

    private void received(byte[] chunk) {
        if (isGathering() && !collector.add(chunk)) {
            cache.counters().tooLarge();
            giveUp();
        }
        boolean toBeSent;
        synchronized (this) {
            received++;
            toBeSent = !leaderGone;
            aheadBytes += toBeSent ? chunk.length : 0;
        }
        if (toBeSent) {
            toLeader.tryEmitNext(chunk); // refused when the leader has just left
        }
        askForMore();
    }

    private synchronized boolean isGathering() {
        return gathering;
    }

    private void asked(long more) {
        synchronized (this) {
            wanted = wanted + more < 0 ? Long.MAX_VALUE : wanted + more;
        }
        askForMore();
    }

    private void taken(byte[] chunk) {
        synchronized (this) {
            aheadBytes -= chunk.length;
        }
        askForMore();
    }

    /** Has the engine work on as far as the leader has asked, or a chunk further while that is gathered. */
    private void askForMore() {
        long more;
        synchronized (this) {
            long goal = leaderGone ? granted : wanted;
            if (gathering && aheadBytes < AHEAD_BYTES) {
                goal = Math.max(goal, received + 1);
            }
            more = goal - granted;
            if (more <= 0 || run.subscription == null) {
                return;
            }
            granted = goal;
        }
        run.request(more);
    }

    private void leaderLeft() {
        synchronized (this) {
            leaderGone = true;
            aheadBytes = 0;
        }
        cancelIfUnwanted();
        askForMore();
    }

    private void cancelIfUnwanted() {
        synchronized (this) {
            if (!leaderGone || (joined > 0 && gathering)) {
                return;
            }
            dead = true;
        }
        run.cancel();
    }

    private void completed() {
        StatementMemo.Known statement = known;
        Set<TableVersion> all = readVersions;
        if (!isGathering() || statement == null || all == null) {
            giveUp();
            return;
        }
        CachedResult result = collector.finish(
                request.query().sql(), request.limit().rows(), request.limit().truncated());
        CacheKey key = new CacheKey(request.subject().of(statement.form().digest()), all);
        cache.keep(key, result);
        ending.tryEmitValue(new Ending.Whole(statement, key.subject(), result));
    }

    private void failed(Throwable failure) {
        synchronized (this) {
            dead = true;
        }
        versions.tryEmitEmpty();
        ending.tryEmitValue(new Ending.Failed(failure));
    }

    /** Before the leader is told, so that whoever asks after it finds what was kept. */
    private void finished() {
        if (!finished.compareAndSet(false, true)) {
            return;
        }
        cache.forget(this, request);
        versions.tryEmitEmpty();
        ending.tryEmitValue(new Ending.Nothing()); // unless it has been told already
        collector.close();
        ResultCompressor compressor = request.compressor();
        if (compressor != null) {
            compressor.close();
        }
    }

    /** The subscription to the engine. */
    private final class Run extends BaseSubscriber<byte[]> {

        private volatile Context context = Context.empty();
        private volatile @Nullable Subscription subscription;

        @Override
        public Context currentContext() {
            return context;
        }

        @Override
        protected void hookOnSubscribe(Subscription upstream) {
            subscription = upstream;
            askForMore();
        }

        @Override
        protected void hookOnNext(byte[] chunk) {
            received(chunk);
        }

        @Override
        protected void hookOnComplete() {
            completed();
            finished();
            toLeader.tryEmitComplete();
        }

        @Override
        protected void hookOnError(Throwable failure) {
            failed(failure);
            finished();
            toLeader.tryEmitError(failure);
        }

        @Override
        protected void hookFinally(SignalType signal) {
            finished();
        }
    }
}
