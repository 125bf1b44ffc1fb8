package io.weir.storage.redis;

import static io.weir.storage.redis.RedisRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.limit.BucketLedger;
import io.weir.common.limit.RateLimitSettings;
import io.weir.common.limit.RateLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Flux;

/** Rate limits that processes share in a real Redis. REQUIREMENTS O1. */
@Timeout(120)
class RedisLimitsTest {

    private static final long MINUTE_NANOS = 60_000_000_000L;

    private RedisRig rig;

    @BeforeEach
    void open() {
        rig = new RedisRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static RateLimits limits(RedisRig.Process process, int perAddress, int perToken) {
        return RateLimits.shared(
                new RateLimitSettings(true, perAddress, perToken, List.of(), List.of(), 1 << 16),
                process.redis().ledger(),
                System::nanoTime);
    }

    /** Requests of that client that are served, of so many. */
    private static int served(RateLimits limits, int client, int requests) {
        int served = 0;
        for (int i = 0; i < requests; i++) {
            try {
                limits.admitAddress(address(client), HttpHeaders.EMPTY);
                served++;
            } catch (WeirException refused) {
                assertThat(refused.code().id()).isEqualTo("rate-limited");
            }
        }
        return served;
    }

    private static InetSocketAddress address(int client) {
        try {
            byte[] bytes = {10, (byte) (client >> 16), (byte) (client >> 8), (byte) client};
            return new InetSocketAddress(InetAddress.getByAddress(bytes), 1);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatAClientTakesFromOneServerItLacksAtTheOther() {
        RateLimits here = limits(rig.process(), 60, 0);
        RateLimits there = limits(rig.process(), 60, 0);
        assertThat(served(here, 1, 55)).isEqualTo(55);
        here.settle().block(PATIENCE);
        // The first request is let through before anything can be known, and settling tells of the others.
        assertThat(served(there, 1, 1)).isEqualTo(1);
        there.settle().block(PATIENCE);
        assertThat(served(there, 1, 60)).isBetween(3, 6);
        assertThat(served(there, 2, 60)).as("another client").isEqualTo(60);
        there.settle().block(PATIENCE);
        here.settle().block(PATIENCE);
        assertThat(served(here, 1, 1)).isLessThanOrEqualTo(1);
        here.settle().block(PATIENCE);
        assertThat(served(here, 1, 10)).isZero();
        assertThat(here.settled() + there.settled()).isGreaterThanOrEqualTo(118);
        assertThat(here.unsettled() + there.unsettled()).isZero();
    }

    @Test
    void tokensAreSharedLikeAddressesAndAreNotMistakenForThem() {
        RateLimits here = limits(rig.process(), 60, 10);
        RateLimits there = limits(rig.process(), 60, 10);
        for (int i = 0; i < 10; i++) {
            here.admitToken("abc");
        }
        here.settle().block(PATIENCE);
        there.admitToken("abc");
        there.settle().block(PATIENCE);
        assertThatThrownBy(() -> there.admitToken("abc")).hasMessageContaining("this token sends too many");
        there.admitToken("abd");
        assertThat(rig.keys()).hasSize(1).allMatch(key -> key.contains(":rate:token:"));
    }

    @Test
    void aBucketIsTakenFromInOneStepByWhoeverAsks() {
        List<BucketLedger> ledgers =
                List.of(rig.process().redis().ledger(), rig.process().redis().ledger());
        long tokenNanos = MINUTE_NANOS;
        List<Long> waits = Flux.range(0, 40)
                .flatMap(
                        i -> ledgers.get(i % 2).settle("address", List.of(new BucketLedger.Taken(7, 1)), tokenNanos),
                        40)
                .map(all -> all.get(0))
                .collectList()
                .block(PATIENCE);
        long most = waits.stream().mapToLong(Long::longValue).max().orElseThrow();
        assertThat(waits).hasSize(40);
        // 40 tokens of a minute each, and a few seconds of clock at most.
        assertThat(most).isBetween(40 * MINUTE_NANOS - 5_000_000_000L, 40 * MINUTE_NANOS);
        assertThat(waits.stream().map(wait -> Math.round((double) wait / MINUTE_NANOS)))
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.rangeClosed(1, 40).mapToObj(i -> (long) i).toList());
    }

    @Test
    void aDebtIsBoundedByAnHour() {
        BucketLedger ledger = rig.process().redis().ledger();
        List<Long> waits = ledger.settle("address", List.of(new BucketLedger.Taken(7, 100_000)), MINUTE_NANOS)
                .block(PATIENCE);
        assertThat(waits).containsExactly(60 * MINUTE_NANOS);
        assertThat(rig.truth.pttl(rig.keys().get(0))).isBetween(3_500_000L, 3_600_001L);
    }

    @Test
    void redisRemembersOnlyClientsThatSentSomethingLately() {
        RateLimits limits = limits(rig.process(), 600, 0); // a token a tenth of a second
        int clients = 5_000;
        for (int client = 0; client < clients; client++) {
            served(limits, client, 1);
        }
        limits.settle().block(PATIENCE);
        assertThat(limits.settled()).isEqualTo(clients);
        Awaitility.await().atMost(PATIENCE).until(() -> rig.keys().isEmpty());
    }

    @Test
    void aServerThatForgotItsScriptsIsTaughtAgain() {
        BucketLedger ledger = rig.process().redis().ledger();
        List<BucketLedger.Taken> one = List.of(new BucketLedger.Taken(1, 1), new BucketLedger.Taken(-1, 2));
        assertThat(ledger.settle("a", one, MINUTE_NANOS).block(PATIENCE)).hasSize(2);
        rig.truth.scriptFlush();
        assertThat(ledger.settle("a", one, MINUTE_NANOS).block(PATIENCE))
                .satisfies(waits -> assertThat(waits.get(1)).isGreaterThan(waits.get(0)));
    }

    @Test
    void withoutRedisEachServerHasItsOwnLimitsAndNeverMore() {
        RedisRig.Process one = rig.process("timeout", "100ms");
        RateLimits here = limits(one, 60, 0);
        assertThat(served(here, 1, 10)).isEqualTo(10);
        rig.proxy.reset();
        Awaitility.await().atMost(PATIENCE).until(() -> !one.redis().isWell());
        for (int i = 0; i < 5; i++) {
            assertThat(served(here, 2, 12)).isEqualTo(12);
            here.settle().block(PATIENCE);
        }
        assertThat(served(here, 2, 10)).isLessThanOrEqualTo(1);
        assertThat(here.unsettled()).isGreaterThanOrEqualTo(60);
        rig.proxy.heal();
        one.awaitWell();
        // What happened meanwhile is not held against anybody: only what is taken from now on is told.
        here.settle().block(PATIENCE);
        RateLimits there = limits(rig.process(), 60, 0);
        assertThat(served(there, 2, 30)).isEqualTo(30);
        there.settle().block(PATIENCE);
        assertThat(served(there, 2, 30)).isBetween(28, 31);
    }
}
