package io.weir.storage.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * One connection that is made again whenever it is gone, after pauses that double up to five seconds, and given up when it
 * does not answer two questions in a row, as one behind a firewall that forgot it. Nobody waits for it: it is there or not.
 * Thread-safe; never blocks.
 */
final class KeptConnection<C extends StatefulConnection<byte[], byte[]>> implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KeptConnection.class);
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final int MOST_DOUBLINGS = 10;
    private static final Duration QUESTIONS = Duration.ofSeconds(1);
    private static final int MOST_SILENT = 2;

    private final String name;
    private final Duration patience;
    private final Supplier<? extends CompletionStage<C>> connector;
    private final Function<C, Mono<?>> question;
    private final Consumer<C> arrived;
    private final Scheduler scheduler;
    private final Disposable.Swap pause = Disposables.swap();
    private final Disposable.Swap asking = Disposables.swap();
    private volatile @Nullable C current;
    private volatile boolean closed;
    private volatile boolean told;

    /**
     * @param name what it is for, for logs
     * @param patience longest time of an answer
     * @param connector begins to connect, within a time of its own
     * @param question asks whether the other side is there
     * @param arrived told of each new connection before anybody else has it
     * @param scheduler where connecting begins, which may read files
     */
    KeptConnection(
            String name,
            Duration patience,
            Supplier<? extends CompletionStage<C>> connector,
            Function<C, Mono<?>> question,
            Consumer<C> arrived,
            Scheduler scheduler) {
        this.name = name;
        this.patience = patience;
        this.connector = connector;
        this.question = question;
        this.arrived = arrived;
        this.scheduler = scheduler;
    }

    /** Connects, and again and again, until it is closed. */
    void start() {
        connect(0);
    }

    /** The connection; null while there is none. */
    @Nullable
    C current() {
        return current;
    }

    private void connect(int failures) {
        if (closed) {
            return;
        }
        Mono.defer(() -> Mono.fromCompletionStage(connector.get()))
                .subscribeOn(scheduler)
                .subscribe(this::up, failure -> later(failures, failure));
    }

    private void later(int failures, Throwable failure) {
        if (!told) {
            told = true;
            LOG.warn(
                    "Redis is away ({}): {}; until it is back this server does without it",
                    name,
                    String.valueOf(failure.getMessage()));
        }
        long longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, MOST_DOUBLINGS));
        long millis = longest / 2 + ThreadLocalRandom.current().nextLong(longest / 2 + 1);
        pause.update(Mono.delay(Duration.ofMillis(millis), scheduler).subscribe(tick -> connect(failures + 1)));
    }

    private void up(C connection) {
        Session session = new Session(connection);
        connection.addListener(session);
        current = connection;
        if (!connection.isOpen()) {
            session.end();
            return;
        }
        if (told) {
            told = false;
            LOG.info("Redis is back ({})", name);
        }
        arrived.accept(connection);
        asking.update(session.ask().subscribe());
    }

    /** One connection, which ends once. */
    private final class Session implements RedisConnectionStateListener {

        private final C connection;
        private final AtomicBoolean over = new AtomicBoolean();

        Session(C connection) {
            this.connection = connection;
        }

        @Override
        public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            end();
        }

        Flux<Integer> ask() {
            return Flux.interval(QUESTIONS, scheduler)
                    .onBackpressureDrop()
                    .concatMap(
                            tick -> question.apply(connection)
                                    .map(answer -> 0)
                                    .timeout(patience)
                                    .onErrorReturn(1)
                                    .defaultIfEmpty(1),
                            1)
                    .scan((silent, more) -> more == 0 ? 0 : silent + 1)
                    .filter(silent -> silent >= MOST_SILENT)
                    .take(1)
                    .doOnNext(silent -> end());
        }

        @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the end of what is given up
        void end() {
            if (!over.compareAndSet(false, true)) {
                return;
            }
            if (current == connection) {
                current = null;
            }
            if (!closed) {
                asking.update(Disposables.disposed());
                connection.closeAsync();
                later(0, new IllegalStateException("the connection is gone"));
            }
        }
    }

    /** Connects no more. The connection is closed with its client. */
    @Override
    public void close() {
        closed = true;
        pause.dispose();
        asking.dispose();
    }
}
