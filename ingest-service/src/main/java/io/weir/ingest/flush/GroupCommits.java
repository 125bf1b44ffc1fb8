package io.weir.ingest.flush;

import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.FlushCommit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Commits flushes to the catalog, one transaction at a time: whatever was handed in while a transaction ran shares the
 * next one. A group that fails leaves nothing behind, and each of its members is committed alone, so that one that cannot
 * be committed holds up no other. What waits is bounded by the flushes that run at once. Thread-safe.
 */
final class GroupCommits {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommits.class);
    private static final int ALONE_AT_ONCE = 4;

    private final Catalog catalog;
    private final int maxGroup;
    private final Duration timeout;
    private final Queue<Waiting> queue = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicLong transactions = new AtomicLong();

    private record Waiting(FlushCommit commit, Sinks.Empty<Void> outcome) {

        void succeed() {
            outcome.tryEmitEmpty(); // fails only when nobody waits any more
        }

        void fail(Throwable failure) {
            outcome.tryEmitError(failure);
        }
    }

    /**
     * @param maxGroup most flushes of one transaction, at least 1
     * @param timeout longest a transaction may take: one that hangs must not hold up those after it
     */
    GroupCommits(Catalog catalog, int maxGroup, Duration timeout) {
        this.catalog = catalog;
        this.maxGroup = maxGroup;
        this.timeout = timeout;
    }

    /** Commits one flush, among others if need be. Cancelling does not undo it. */
    Mono<Void> commit(FlushCommit commit) {
        return Mono.defer(() -> {
            Waiting waiting = new Waiting(commit, Sinks.empty());
            queue.add(waiting);
            drain();
            return waiting.outcome().asMono();
        });
    }

    /** Transactions begun so far. */
    long transactions() {
        return transactions.get();
    }

    private void drain() {
        while (!queue.isEmpty() && busy.compareAndSet(false, true)) {
            List<Waiting> group = new ArrayList<>();
            for (Waiting next = queue.poll(); next != null; next = queue.poll()) {
                group.add(next);
                if (group.size() == maxGroup) {
                    break;
                }
            }
            if (group.isEmpty()) {
                busy.set(false);
            } else {
                together(group)
                        .doFinally(signal -> {
                            busy.set(false);
                            drain();
                        })
                        .subscribe(
                                nothing -> {},
                                e -> LOG.error("committing {} flushes ended in a way it cannot", group.size(), e));
            }
        }
    }

    private Mono<Void> together(List<Waiting> group) {
        if (group.size() == 1) {
            return alone(group.get(0));
        }
        return transaction(group.stream().map(Waiting::commit).toList())
                .doOnSuccess(done -> group.forEach(Waiting::succeed))
                .onErrorResume(e -> {
                    LOG.warn("{} flushes could not be committed together; each is tried alone", group.size(), e);
                    return Flux.fromIterable(group)
                            .flatMap(this::alone, ALONE_AT_ONCE)
                            .then();
                });
    }

    /** Never fails: the outcome goes to whoever waits. */
    private Mono<Void> alone(Waiting one) {
        return transaction(List.of(one.commit()))
                .doOnSuccess(done -> one.succeed())
                .onErrorResume(e -> Mono.fromRunnable(() -> one.fail(e)));
    }

    private Mono<Void> transaction(List<FlushCommit> commits) {
        return Mono.defer(() -> {
                    transactions.incrementAndGet();
                    return catalog.commit(commits);
                })
                .timeout(timeout);
    }
}
