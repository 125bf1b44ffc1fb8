package io.weir.common.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Buckets that replicas share, over a ledger that sometimes does not answer. REQUIREMENTS O1. */
class SharedBucketsTest {

    private static final long SECOND = 1_000_000_000L;
    private static final int TOKENS = 60;

    private final AtomicLong now = new AtomicLong(5);
    private final Ledger ledger = new Ledger();

    /** As one that is asked over a network. */
    private final class Ledger implements BucketLedger {

        private final Map<Long, Long> full = new HashMap<>();
        private boolean away;
        private int mostKeys;

        @Override
        public Mono<List<Long>> settle(String kind, List<Taken> taken, long tokenNanos) {
            if (away) {
                return Mono.empty();
            }
            mostKeys = Math.max(mostKeys, taken.size());
            List<Long> waits = new ArrayList<>();
            for (Taken one : taken) {
                long from = Math.max(now.get(), full.getOrDefault(one.key(), 0L));
                full.put(one.key(), from + one.tokens() * tokenNanos);
                waits.add(full.get(one.key()) - now.get());
            }
            return Mono.just(waits);
        }
    }

    private BucketTable table() {
        return new BucketTable(1 << 15, TOKENS, 60 * SECOND, 9, now::get);
    }

    private SharedBuckets replica() {
        return new SharedBuckets(table(), ledger, "address");
    }

    private static int served(Buckets buckets, long key, int requests) {
        int served = 0;
        for (int i = 0; i < requests; i++) {
            served += buckets.take(key) == 0 ? 1 : 0;
        }
        return served;
    }

    @Test
    void settledReplicasLetThroughWhatOneWould() {
        SharedBuckets here = replica();
        SharedBuckets there = replica();
        int served = 0;
        for (int second = 0; second < 600; second++) {
            for (SharedBuckets replica : List.of(here, there)) {
                served += served(replica, 7, 2);
                replica.settle().block();
            }
            now.addAndGet(SECOND);
        }
        assertThat(served).isBetween(TOKENS + 600 - 5, TOKENS + 600 + 5);
    }

    @Test
    void withoutALedgerEachIsExactlyItself() {
        ledger.away = true;
        long seed = System.nanoTime();
        Random random = new Random(seed);
        SharedBuckets shared = replica();
        BucketTable alone = table();
        for (int step = 0; step < 20_000; step++) {
            long key = random.nextInt(50);
            assertThat(shared.take(key)).as("seed %d, step %d", seed, step).isEqualTo(alone.take(key));
            if (random.nextInt(10) == 0) {
                shared.settle().block();
                now.addAndGet(random.nextInt(2_000_000));
            }
        }
        assertThat(shared.settled()).isZero();
        assertThat(shared.unsettled()).isPositive();
    }

    @Test
    void whateverTheLedgerDoesAReplicaNeverLetsThroughMoreThanAlone() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<SharedBuckets> replicas = List.of(replica(), replica(), replica());
        List<Integer> served = new ArrayList<>(List.of(0, 0, 0));
        for (int step = 0; step < 20_000; step++) {
            int at = random.nextInt(replicas.size());
            ledger.away = random.nextInt(3) == 0;
            served.set(at, served.get(at) + served(replicas.get(at), 7, 1 + random.nextInt(3)));
            if (random.nextInt(4) == 0) {
                replicas.get(at).settle().block();
            }
            now.addAndGet(random.nextInt((int) (SECOND / 10)));
        }
        long alone = TOKENS + now.get() / SECOND + 1;
        assertThat(served)
                .as("seed %d", seed)
                .allSatisfy(count -> assertThat((long) count).isLessThanOrEqualTo(alone));
    }

    @Test
    void whatWasTakenWhileTheLedgerWasAwayIsNotOwedLater() {
        ledger.away = true;
        SharedBuckets here = replica();
        for (int minute = 0; minute < 60; minute++) {
            served(here, 7, TOKENS);
            here.settle().block();
            now.addAndGet(60 * SECOND);
        }
        ledger.away = false;
        SharedBuckets there = replica();
        assertThat(here.take(7)).isZero();
        here.settle().block();
        assertThat(there.take(7)).isZero();
        there.settle().block();
        assertThat(served(there, 7, TOKENS)).isEqualTo(TOKENS - 2);
    }

    @Test
    void whatWaitsToBeSettledIsBoundedWhateverComes() {
        SharedBuckets here = replica();
        for (long key = 1; key <= 100_000; key++) {
            here.take(key);
        }
        assertThat(here.pending()).isEqualTo(8192);
        assertThat(here.unsettled()).isEqualTo(100_000 - 8192);
        here.settle().block();
        assertThat(here.pending()).isZero();
        assertThat(here.settled()).isEqualTo(8192);
        assertThat(ledger.mostKeys).isEqualTo(BucketLedger.MOST_KEYS);
    }

    @Test
    void tokensTakenWhileTheLedgerAnswersAreNotForgotten() {
        SharedBuckets[] self = new SharedBuckets[1];
        SharedBuckets there = replica();
        served(there, 7, 20);
        there.settle().block();
        BucketLedger slow = (kind, taken, tokenNanos) ->
                ledger.settle(kind, taken, tokenNanos).doOnNext(waits -> served(self[0], 7, 10));
        self[0] = new SharedBuckets(table(), slow, "address");
        served(self[0], 7, 20);
        self[0].settle().block();
        assertThat(served(self[0], 7, TOKENS)).isEqualTo(TOKENS - 50);
    }
}
