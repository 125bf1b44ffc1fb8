package io.weir.common.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BucketTableTest {

    private static final long MINUTE = 60_000_000_000L;

    private final AtomicLong now = new AtomicLong(-5);

    private BucketTable table(int places, long tokens) {
        return new BucketTable(places, tokens, MINUTE, 42, now::get);
    }

    @Test
    void aBucketGivesItsTokensThenOneAtATime() { // REQUIREMENTS O1
        BucketTable table = table(64, 10);
        for (int i = 0; i < 10; i++) {
            assertThat(table.take(7)).isZero();
        }
        assertThat(table.take(7)).isEqualTo(MINUTE / 10);
        assertThat(table.take(8)).isZero();
        now.addAndGet(MINUTE / 10 - 1);
        assertThat(table.take(7)).isEqualTo(1);
        now.addAndGet(1);
        assertThat(table.take(7)).isZero();
        assertThat(table.take(7)).isEqualTo(MINUTE / 10);
        now.addAndGet(10 * MINUTE);
        for (int i = 0; i < 10; i++) {
            assertThat(table.take(7)).isZero();
        }
        assertThat(table.take(7)).isPositive();
    }

    @Test
    void aMillionAddressesTakeNoMoreMemoryThanThereIs() { // REQUIREMENTS O1
        BucketTable table = table(1 << 12, 10);
        for (long key = 0; key < 1_000_000; key++) {
            assertThat(table.take(key)).isZero(); // each is new, or was forgotten: nobody pays for others
        }
        assertThat(table.places()).isEqualTo(1 << 12);
        assertThat(table.size()).isLessThanOrEqualTo(table.places()).isGreaterThan(table.places() / 2);
        assertThat(table.forgotten()).isPositive();
    }

    @Test
    void bucketsThatAreFullAgainMakePlaceAndAreNotMissed() {
        BucketTable table = table(1 << 10, 10);
        for (long key = 0; key < 500; key++) {
            table.take(key);
            now.addAndGet(MINUTE / 10);
        }
        for (long key = 500; key < 100_000; key++) {
            table.take(key);
            now.addAndGet(MINUTE / 10);
        }
        assertThat(table.forgotten()).isZero();
    }

    @Test
    void whoIsRefusedIsNotForgottenForManyWhoCameOnce() {
        BucketTable table = table(1 << 10, 10);
        for (int i = 0; i < 10; i++) {
            table.take(-1);
        }
        for (long key = 0; key < 100_000; key++) {
            table.take(key);
        }
        assertThat(table.take(-1)).isPositive();
    }

    @Test
    void randomUseIsThatOfANaiveBucket() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int tokens = 1 + random.nextInt(20);
        BucketTable table = table(1 << 16, tokens);
        Map<Long, Double> naive = new HashMap<>();
        Map<Long, Long> asked = new HashMap<>();
        double refill = (double) tokens / (MINUTE / tokens * tokens);
        for (int i = 0; i < 50_000; i++) {
            now.addAndGet(random.nextInt(2) * (long) random.nextInt((int) (MINUTE / 1000)));
            long key = random.nextInt(20);
            long elapsed = now.get() - asked.getOrDefault(key, now.get());
            double level = Math.min(tokens, naive.getOrDefault(key, (double) tokens) + elapsed * refill);
            long wait = table.take(key);
            if (Math.abs(level - 1) > 1e-6) { // at the very edge rounding decides
                assertThat(wait == 0).as("level " + level + " of " + tokens).isEqualTo(level > 1);
            }
            naive.put(key, wait == 0 ? level - 1 : level);
            asked.put(key, now.get());
        }
    }
}
