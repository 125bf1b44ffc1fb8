package io.weir.storage.redis;

import static io.weir.storage.redis.RedisRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.AclSetuserArgs;
import io.weir.common.cache.SharedCache;
import io.weir.common.limit.BucketLedger;
import io.weir.testing.FaultProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis slow, silent or gone costs next to nothing, is said, and is over when Redis is back. REQUIREMENTS C5, T3. */
@Timeout(120)
class RedisFaultTest {

    private static final List<String> SPACES = List.of("o:org");
    private static final List<BucketLedger.Taken> ONE = List.of(new BucketLedger.Taken(1, 1));
    private static final Duration LONG = Duration.ofMinutes(10);

    /** Time of one look, when Redis fails: its timeout, and what a busy machine adds. */
    private static final long LOOK_NANOS = 2_000_000_000L;

    private RedisRig rig;

    enum Fault {
        STALL(FaultProxy::stall),
        RESET(FaultProxy::reset),
        SLOW(proxy -> proxy.latency(Duration.ofMillis(400)));

        private final Consumer<FaultProxy> set;

        Fault(Consumer<FaultProxy> set) {
            this.set = set;
        }
    }

    @BeforeEach
    void open() {
        rig = new RedisRig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static byte[] find(SharedCache cache) {
        return cache.find("org:k", SPACES).block(PATIENCE);
    }

    @ParameterizedTest
    @EnumSource
    void aRedisThatFailsIsSoonNotWaitedForAndUsedAgainWhenItIsBack(Fault fault) {
        RedisRig.Process process = rig.process("cache-timeout", "100ms", "timeout", "300ms");
        SharedCache cache = process.redis().cache();
        cache.keep("org:k", SPACES, () -> new byte[5], LONG).block(PATIENCE);
        Awaitility.await().atMost(PATIENCE).until(() -> find(cache) != null);

        fault.set.accept(rig.proxy);
        Awaitility.await().atMost(PATIENCE).until(() -> {
            long start = System.nanoTime();
            byte[] found = find(cache);
            assertThat(System.nanoTime() - start).isLessThan(LOOK_NANOS);
            return found == null && !process.redis().isWell();
        });
        // From here on the breaker lets two trials through each 200 ms; all others cost nothing.
        int looks = 2_000;
        long start = System.nanoTime();
        for (int i = 0; i < looks; i++) {
            assertThat(find(cache)).isNull();
        }
        assertThat(System.nanoTime() - start)
                .as("%d looks at a Redis that fails", looks)
                .isLessThan(10 * LOOK_NANOS);
        assertThat(process.refused("cache", "open") + process.refused("cache", "away"))
                .isGreaterThan(looks / 2.0);

        rig.proxy.heal();
        Awaitility.await().atMost(PATIENCE).until(() -> find(cache) != null);
        Awaitility.await().atMost(PATIENCE).until(() -> {
            process.redis().ledger().settle("a", ONE, 1_000).block(PATIENCE);
            find(cache);
            return process.redis().isWell();
        });
        assertThat(process.redis().states())
                .containsOnly(
                        Map.entry("cache", "closed"),
                        Map.entry("commands", "closed"),
                        Map.entry("signals", "connected"));
    }

    @Test
    void aConnectionThatFellSilentIsMadeAnew() {
        RedisRig.Process process = rig.process("timeout", "200ms", "connect-timeout", "500ms");
        int before = rig.proxy.accepted();
        rig.proxy.stall();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> process.redis().states().values().stream().allMatch("away"::equals));
        rig.proxy.heal();
        process.awaitWell();
        assertThat(rig.proxy.accepted()).isGreaterThanOrEqualTo(before + 3);
        Awaitility.await().atMost(PATIENCE).until(() -> rig.proxy.open() == 3);
    }

    @Test
    void aRedisThatIsNotThereAtTheStartIsUsedWhenItComes() {
        rig.proxy.reset();
        long start = System.nanoTime();
        RedisRig.Process process = rig.starting(rig.namespace);
        SharedCache cache = process.redis().cache();
        assertThat(find(cache)).isNull();
        cache.keep("org:k", SPACES, () -> new byte[5], LONG).block(PATIENCE);
        cache.forget("o:org").block(PATIENCE);
        assertThat(System.nanoTime() - start).as("nobody waits").isLessThan(PATIENCE.toNanos() / 2);
        assertThat(process.redis().states().values()).containsOnly("away");
        rig.proxy.heal();
        process.awaitWell();
        cache.keep("org:k", SPACES, () -> new byte[5], LONG).block(PATIENCE);
        Awaitility.await().atMost(PATIENCE).until(() -> find(cache) != null);
    }

    @Test
    void itsMemoryIsKnownWhileItAnswers() { // REQUIREMENTS O4
        RedisRig.Process process = rig.process("memory-poll", "50ms", "timeout", "200ms");
        Awaitility.await().atMost(PATIENCE).until(() -> memory(process, "used") > 100_000);
        long most = Long.parseLong(rig.truth.configGet("maxmemory").get("maxmemory"));
        assertThat(memory(process, "max")).isEqualTo(most);
        rig.proxy.reset();
        Awaitility.await().atMost(PATIENCE).until(() -> Double.isNaN(memory(process, "used")));
        rig.proxy.heal();
        Awaitility.await().atMost(PATIENCE).until(() -> memory(process, "used") > 100_000);
    }

    private static double memory(RedisRig.Process process, String which) {
        return process.meters()
                .get("weir.redis.memory." + which + ".bytes")
                .gauge()
                .value();
    }

    @Test
    void aWrongPasswordIsNoFailureOfTheServer() {
        String user = "weir-" + rig.namespace;
        rig.truth.aclSetuser(
                user,
                AclSetuserArgs.Builder.on()
                        .addPassword("right")
                        .allKeys()
                        .allChannels()
                        .allCommands());
        try {
            RedisRig.Process wrong = rig.starting(rig.namespace, "username", user, "password", "wrong");
            Awaitility.await().atMost(PATIENCE).until(() -> rig.proxy.accepted() >= 6);
            assertThat(find(wrong.redis().cache())).isNull();
            assertThat(wrong.redis().states().values()).containsOnly("away");
            rig.process("username", user, "password", "right");
        } finally {
            rig.truth.aclDeluser(user);
        }
    }

    @Test
    void nothingIsLeftWhenItIsClosed() {
        RedisRig.Process process = rig.process();
        assertThat(rig.proxy.open()).isEqualTo(3);
        process.redis().close();
        Awaitility.await().atMost(PATIENCE).until(() -> rig.proxy.open() == 0);
        assertThat(find(process.redis().cache())).isNull();
    }
}
