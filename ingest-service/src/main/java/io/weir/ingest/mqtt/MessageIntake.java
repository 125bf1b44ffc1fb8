package io.weir.ingest.mqtt;

import io.weir.common.memory.MemoryBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * Takes messages from the client and hands them on in batches; acknowledges each batch when it is done. What is in flight
 * has a window, in messages and in bytes, and messages are asked for only as far as it has room for them: batches need
 * memory too, and without it nothing would ever be acknowledged.
 *
 * <pre>
 *   onNext ──► queue ──► batch: full, or old enough, or nothing new came for a moment ──► write ──► acknowledge, request
 * </pre>
 *
 * <p>While batches are being written others gather, so batches grow with the load by themselves; the linger serves
 * streams slower than that. Batching state belongs to one worker; any thread may deliver messages.
 */
final class MessageIntake extends BaseSubscriber<InboundMessage> {

    private static final Logger LOG = LoggerFactory.getLogger(MessageIntake.class);
    private static final int BATCHES_AT_ONCE = 2;
    /** How often a lingering batch looks whether anything came since. */
    private static final int TICKS_A_LINGER = 5;

    /** The part of the memory for rows that messages in flight may take, but for one message. */
    private static final int MEMORY_SHARE = 4;

    private final MqttSettings settings;
    private final Function<List<InboundMessage>, Mono<Void>> write;
    private final MemoryBudget budget;
    private final MqttCounters counters;
    private final Scheduler.Worker worker;
    private final long tickNanos;
    private final long windowBytes;
    private final Object demand = new Object();
    private int awaited; // asked for and not yet come; under the lock of demand
    private final Disposable.Composite writing = Disposables.composite();
    private final Sinks.Empty<Void> drained = Sinks.empty();

    private final Queue<InboundMessage> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong charged = new AtomicLong();
    private volatile boolean stopping;

    // Of the worker only.
    private int active;
    private boolean due;
    private boolean ticking;
    private long ticksLeft;
    private long seen;

    /**
     * @param write stores a batch; completes without error once every message of it may be acknowledged
     * @param budget charged with messages in flight: they are here already, so they are counted, not refused. A quarter of
     *     it is their window
     */
    MessageIntake(
            MqttSettings settings,
            Function<List<InboundMessage>, Mono<Void>> write,
            MemoryBudget budget,
            Scheduler scheduler,
            MqttCounters counters) {
        this.settings = settings;
        this.write = write;
        this.budget = budget;
        this.counters = counters;
        this.worker = scheduler.createWorker();
        this.windowBytes = Math.max(1, budget.limitBytes() / MEMORY_SHARE);
        this.tickNanos = Math.max(1, settings.batchLinger().toNanos() / TICKS_A_LINGER);
    }

    /** Messages received and not yet acknowledged. */
    int inFlight() {
        return inFlight.get();
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
        ask();
    }

    /**
     * Asks for as many messages as the window has room for if they are as large as they may be, and at least one while
     * there is any. More are asked for when half of those have come, not with each.
     */
    private void ask() {
        int more;
        synchronized (demand) {
            int flying = inFlight.get();
            long largest = settings.maxMessageSize().toBytes();
            long room = Math.max(0, windowBytes - charged.get() + largest - 1) / largest;
            int wanted = (int) Math.min(settings.maxInFlight() - flying, flying == 0 ? Math.max(1, room) : room);
            more = wanted - awaited;
            if (more <= 0 || awaited > wanted / 2) {
                return;
            }
            awaited += more;
        }
        request(more);
    }

    /** Whether no message comes before one is acknowledged. */
    private boolean isFull() {
        synchronized (demand) {
            return awaited == 0;
        }
    }

    @Override
    protected void hookOnNext(InboundMessage message) {
        synchronized (demand) {
            awaited--;
        }
        if (stopping) {
            return; // not acknowledged: the broker keeps it for the next start
        }
        counters.received.increment();
        charged.addAndGet(message.sizeBytes());
        budget.charge(message.sizeBytes());
        inFlight.incrementAndGet();
        queue.add(message);
        long bytes = queuedBytes.addAndGet(message.payload().length);
        int waiting = queued.incrementAndGet();
        ask();
        boolean full = waiting == settings.batchMessages()
                || bytes >= settings.batchBytes().toBytes()
                || isFull();
        if (waiting == 1 || full) {
            onWorker(this::check);
        }
    }

    @Override
    protected void hookOnError(Throwable failure) {
        if (!stopping) {
            LOG.error("the stream of MQTT messages ended", failure);
        }
    }

    private void check() {
        while (active < BATCHES_AT_ONCE && isDue()) {
            start(take());
        }
        if (queued.get() > 0 && active < BATCHES_AT_ONCE && !ticking) {
            ticking = true;
            ticksLeft = TICKS_A_LINGER;
            tickLater();
        }
    }

    private void tickLater() {
        seen = counters.received.sum();
        worker.schedule(this::tick, tickNanos, TimeUnit.NANOSECONDS);
    }

    private void tick() {
        boolean quiet = counters.received.sum() == seen;
        if (quiet || --ticksLeft <= 0) {
            ticking = false;
            due = queued.get() > 0;
            check();
        } else {
            tickLater();
        }
    }

    private boolean isDue() {
        int waiting = queued.get();
        return waiting > 0
                && (due
                        || stopping
                        || settings.batchLinger().isZero()
                        || waiting >= settings.batchMessages()
                        || queuedBytes.get() >= settings.batchBytes().toBytes()
                        || isFull());
    }

    private List<InboundMessage> take() {
        List<InboundMessage> batch = new ArrayList<>();
        long bytes = 0;
        while (batch.size() < settings.batchMessages()
                && bytes < settings.batchBytes().toBytes()) {
            InboundMessage message = queue.poll();
            if (message == null) {
                break;
            }
            batch.add(message);
            bytes += message.payload().length;
        }
        queuedBytes.addAndGet(-bytes);
        if (queued.addAndGet(-batch.size()) == 0) {
            due = false;
        }
        return batch;
    }

    private void start(List<InboundMessage> batch) {
        active++;
        Disposable.Swap running = Disposables.swap();
        writing.add(running);
        running.update(Mono.defer(() -> write.apply(batch))
                .subscribe(
                        nothing -> {},
                        failure -> onWorker(() -> failed(batch, running, failure)),
                        () -> onWorker(() -> done(batch, running))));
    }

    private void done(List<InboundMessage> batch, Disposable running) {
        writing.remove(running);
        for (InboundMessage message : batch) {
            acknowledge(message);
        }
        finished(batch);
    }

    private void acknowledge(InboundMessage message) {
        try {
            message.acknowledge();
            counters.acknowledged.increment();
        } catch (RuntimeException e) {
            LOG.warn("a stored MQTT message could not be acknowledged; it may come again", e);
        }
    }

    /** Only a defect leads here; the messages stay with the broker, which sends them again after the next connect. */
    private void failed(List<InboundMessage> batch, Disposable running, Throwable failure) {
        writing.remove(running);
        LOG.error("{} MQTT messages could not be handled and are not acknowledged", batch.size(), failure);
        finished(batch);
    }

    private void finished(List<InboundMessage> batch) {
        active--;
        long bytes = 0;
        for (InboundMessage message : batch) {
            bytes += message.sizeBytes();
        }
        credit(bytes);
        int left = inFlight.addAndGet(-batch.size());
        if (stopping && left == 0) {
            drained.tryEmitEmpty();
        } else if (!stopping) {
            ask();
        }
        due = queued.get() > 0; // they waited while this batch was written
        check();
    }

    /** Takes no further message; completes when those in flight are acknowledged. */
    Mono<Void> drain() {
        return Mono.defer(() -> {
            stopping = true;
            onWorker(() -> {
                check();
                if (inFlight.get() == 0) {
                    drained.tryEmitEmpty();
                }
            });
            return drained.asMono();
        });
    }

    /** Gives up what is in flight. To be called once the connection is closed: the client takes a cancel for a yes. */
    void close() {
        stopping = true;
        writing.dispose();
        worker.dispose();
        cancel();
        queue.clear();
        credit(Long.MAX_VALUE);
    }

    /** Gives back what was charged, up to {@code bytes} of it: a batch may end while this is being closed. */
    private void credit(long bytes) {
        long before = charged.getAndUpdate(held -> held - Math.min(held, bytes));
        budget.credit(Math.min(before, bytes));
    }

    private void onWorker(Runnable task) {
        try {
            worker.schedule(task);
        } catch (RejectedExecutionException e) {
            LOG.debug("the MQTT subscriber is closed already", e);
        }
    }
}
