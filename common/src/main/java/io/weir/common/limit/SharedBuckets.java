package io.weir.common.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Token buckets that replicas share: each answers from its own table at once, and settles with the ledger several times a
 * second. Thread-safe; never blocks.
 *
 * <pre>
 *   take ──▶ own table: 0, or the time to wait
 *      └──▶ taken since the last settling ── settle ──▶ ledger ──▶ own table: full again no sooner than the shared bucket
 * </pre>
 *
 * The ledger only ever makes a bucket emptier than this process alone would have it, so replicas together never let through
 * more than their local limits would, and without a ledger exactly that. What could not be settled is not settled later: a
 * ledger that comes back begins with what is taken from then on.
 */
final class SharedBuckets implements Buckets {

    /** Keys that wait to be settled; of more, tokens count in this process alone. */
    private static final int MOST_PENDING = 8192;

    private final BucketTable own;
    private final BucketLedger ledger;
    private final String kind;
    private final Map<Long, Integer> pending = new ConcurrentHashMap<>();
    private final LongAdder settled = new LongAdder();
    private final LongAdder unsettled = new LongAdder();

    /** @param kind as the ledger has it */
    SharedBuckets(BucketTable own, BucketLedger ledger, String kind) {
        this.own = own;
        this.ledger = ledger;
        this.kind = kind;
    }

    @Override
    public long take(long key) {
        long wait = own.take(key);
        if (wait == 0) {
            if (pending.size() < MOST_PENDING || pending.containsKey(key)) {
                pending.merge(key, 1, Integer::sum);
            } else {
                unsettled.increment();
            }
        }
        return wait;
    }

    /** Settles what was taken since the last time. Never fails. */
    Mono<Void> settle() {
        return Flux.fromIterable(drain()).concatMap(this::settle, 1).then();
    }

    private List<List<BucketLedger.Taken>> drain() {
        List<List<BucketLedger.Taken>> all = new ArrayList<>();
        List<BucketLedger.Taken> part = new ArrayList<>();
        for (Long key : List.copyOf(pending.keySet())) {
            Integer tokens = pending.remove(key);
            if (tokens == null) {
                continue;
            }
            part.add(new BucketLedger.Taken(key, tokens));
            if (part.size() == BucketLedger.MOST_KEYS) {
                all.add(part);
                part = new ArrayList<>();
            }
        }
        if (!part.isEmpty()) {
            all.add(part);
        }
        return all;
    }

    private Mono<Void> settle(List<BucketLedger.Taken> taken) {
        long tokens = taken.stream().mapToLong(BucketLedger.Taken::tokens).sum();
        return ledger.settle(kind, taken, own.tokenNanos())
                .map(waits -> {
                    for (int i = 0; i < taken.size(); i++) {
                        long key = taken.get(i).key();
                        long since = pending.getOrDefault(key, 0) * own.tokenNanos();
                        own.owe(key, waits.get(i) + since);
                    }
                    return true;
                })
                .defaultIfEmpty(false)
                .doOnNext(done -> (done ? settled : unsettled).add(tokens))
                .then();
    }

    /** Tokens that the ledger has heard of. */
    long settled() {
        return settled.sum();
    }

    /** Tokens that it has not, and that count in this process alone. */
    long unsettled() {
        return unsettled.sum();
    }

    long forgotten() {
        return own.forgotten();
    }

    int pending() {
        return pending.size();
    }
}
