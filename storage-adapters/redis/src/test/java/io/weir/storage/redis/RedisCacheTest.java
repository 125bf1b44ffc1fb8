package io.weir.storage.redis;

import static io.weir.storage.redis.RedisRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.cache.SharedCache;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Flux;

/** Entries that processes share in a real Redis. REQUIREMENTS C5, C6. */
@Timeout(120)
class RedisCacheTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final List<String> SPACES = List.of("o:org", "d:3:org:main");

    private RedisRig rig;
    private SharedCache here;
    private SharedCache there;

    @BeforeEach
    void open() {
        rig = new RedisRig();
        here = rig.process("cache-timeout", "5s", "max-value", "1KB").redis().cache();
        there = rig.process("cache-timeout", "5s").redis().cache();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static void keep(SharedCache cache, String key, int bytes, Duration ttl) {
        cache.keep(key, SPACES, () -> new byte[bytes], ttl).block(PATIENCE);
    }

    private static byte[] find(SharedCache cache, String key) {
        return cache.find(key, SPACES).block(PATIENCE);
    }

    @Test
    void whatOneProcessKeepsAnotherFinds() {
        byte[] value = {0, 1, -1, 13, 10, 0};
        here.keep("org:k", SPACES, () -> value, LONG).block(PATIENCE);
        assertThat(find(there, "org:k")).containsExactly(value);
        assertThat(find(there, "org:l")).isNull();
        assertThat(find(there, "gro:k")).isNull();
        assertThat(rig.keys()).containsExactly("test:" + rig.namespace + ":cache:1:org:k");
        assertThat(rig.truth.pttl(rig.keys().get(0))).isBetween(1L, LONG.toMillis());
    }

    @Test
    void anotherInstallationInTheSameRedisSeesNothingOfIt() {
        keep(here, "org:k", 10, LONG);
        RedisRig.Process foreign = rig.starting("another-catalog", "cache-timeout", "5s");
        foreign.awaitWell();
        assertThat(find(foreign.redis().cache(), "org:k")).isNull();
        assertThat(find(there, "org:k")).hasSize(10);
    }

    @Test
    void aNamespaceIsForgottenEverywhereAtOnceAndNothingElseIs() {
        keep(here, "org:a", 1, LONG);
        here.keep("org:b", List.of("o:org", "d:3:org:lab"), () -> new byte[2], LONG)
                .block(PATIENCE);
        there.forget("d:3:org:main").block(PATIENCE);
        assertThat(find(here, "org:a")).isNull();
        assertThat(here.find("org:b", List.of("o:org", "d:3:org:lab")).block(PATIENCE))
                .hasSize(2);
        keep(here, "org:a", 3, LONG);
        assertThat(find(there, "org:a")).hasSize(3);
        here.forget("o:org").block(PATIENCE);
        assertThat(find(there, "org:a")).isNull();
        assertThat(there.find("org:b", List.of("o:org", "d:3:org:lab")).block(PATIENCE))
                .isNull();
        rig.keys().stream()
                .filter(key -> key.contains(":gen:"))
                .forEach(key -> assertThat(rig.truth.pttl(key)).as(key).isGreaterThan(LONG.toMillis()));
    }

    @Test
    void anEntryGoesWithItsTime() {
        keep(here, "org:k", 1, Duration.ofMillis(100));
        Awaitility.await().atMost(PATIENCE).until(() -> find(there, "org:k") == null);
        assertThat(rig.keys()).isEmpty();
    }

    @Test
    void whatIsTooLargeIsNotKept() {
        keep(here, "org:k", 1024, LONG);
        keep(here, "org:l", 1025, LONG);
        assertThat(find(here, "org:k")).hasSize(1024);
        assertThat(find(here, "org:l")).isNull();
    }

    @Test
    void whatSomebodyElseWroteIsNoEntry() {
        String key = "test:" + rig.namespace + ":cache:1:org:k";
        for (String foreign : List.of("", "x", "\u0001", "\u0001\u0002", "\u0001\u0002 too short", "a".repeat(500))) {
            rig.truth.set(key, foreign);
            assertThat(find(here, "org:k")).as(foreign).isNull();
        }
        rig.truth.del(key);
        rig.truth.lpush(key, "a list");
        assertThat(find(here, "org:k")).isNull();
        assertThat(find(here, "org:other")).isNull();
    }

    @Test
    void moreThanSoManyAtOnceAreNotWaitedFor() {
        RedisRig.Process busy = rig.process("timeout", "10s", "cache-requests", "3");
        rig.proxy.latency(Duration.ofMillis(300));
        AtomicInteger made = new AtomicInteger();
        List<Boolean> kept = Flux.range(0, 20)
                .flatMap(
                        i -> busy.redis()
                                .cache()
                                .keep("org:" + i, SPACES, () -> new byte[made.incrementAndGet()], LONG)
                                .thenReturn(true),
                        20)
                .collectList()
                .block(PATIENCE);
        rig.proxy.heal();
        assertThat(kept).hasSize(20);
        assertThat(made).hasValue(3);
        assertThat(busy.refused("cache", "busy")).isEqualTo(17);
        assertThat(busy.meters()
                        .get("weir.redis.requests")
                        .tag("link", "cache")
                        .gauge()
                        .value())
                .isZero();
    }
}
