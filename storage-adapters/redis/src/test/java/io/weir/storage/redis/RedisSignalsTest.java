package io.weir.storage.redis;

import static io.weir.storage.redis.RedisRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.signal.Signal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.Disposable;

/** Word from process to process over a real Redis. REQUIREMENTS C4, W3. */
@Timeout(120)
class RedisSignalsTest {

    private RedisRig rig;
    private RedisRig.Process here;
    private RedisRig.Process there;

    @BeforeEach
    void open() {
        rig = new RedisRig();
        here = rig.process();
        there = rig.process();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private static String text(Signal signal) {
        return signal instanceof Signal.Message message ? new String(message.bytes(), StandardCharsets.UTF_8) : "gap";
    }

    private static Disposable listen(RedisRig.Process process, String channel, List<String> heard) {
        Disposable listening = process.redis()
                .signals()
                .listen(channel)
                .map(RedisSignalsTest::text)
                .subscribe(heard::add);
        Awaitility.await().atMost(PATIENCE).until(() -> heard.contains("gap"));
        return listening;
    }

    private static void say(RedisRig.Process process, String channel, String text) {
        process.redis().signals().publish(channel, text.getBytes(StandardCharsets.UTF_8));
    }

    private long subscribed(String channel) {
        String name = "test:" + rig.namespace + ":signal:" + channel;
        return rig.truth.pubsubNumsub(name).get(name);
    }

    @Test
    void othersHearWhatIsSaidAndTheOneWhoSaysItDoesNot() {
        List<String> heard = new CopyOnWriteArrayList<>();
        List<String> heardToo = new CopyOnWriteArrayList<>();
        List<String> echo = new CopyOnWriteArrayList<>();
        listen(there, "room", heard);
        listen(there, "room", heardToo);
        listen(here, "room", echo);
        for (int i = 0; i < 100; i++) {
            say(here, "room", "m" + i);
        }
        say(here, "other room", "no");
        say(there, "room", "end");
        Awaitility.await().atMost(PATIENCE).until(() -> heard.size() == 101 && echo.size() == 2);
        assertThat(heard.subList(1, 101)).startsWith("m0", "m1", "m2").endsWith("m99");
        Awaitility.await().atMost(PATIENCE).until(() -> heardToo.equals(heard));
        assertThat(echo).containsExactly("gap", "end");
        assertThat(here.counter("weir.redis.signals", "what", "sent")).isEqualTo(101);
        assertThat(there.counter("weir.redis.signals", "what", "received")).isEqualTo(100);
        assertThat(here.counter("weir.redis.signals", "what", "dropped")).isZero();
    }

    @Test
    void aChannelIsListenedToOnlyWhileSomebodyListens() {
        assertThat(subscribed("room")).isZero();
        Disposable one = listen(here, "room", new CopyOnWriteArrayList<>());
        Disposable two = listen(here, "room", new CopyOnWriteArrayList<>());
        assertThat(subscribed("room")).isEqualTo(1);
        assertThat(here.meters().get("weir.redis.channels").gauge().value()).isEqualTo(1);
        one.dispose();
        assertThat(subscribed("room")).isEqualTo(1);
        two.dispose();
        Awaitility.await().atMost(PATIENCE).until(() -> subscribed("room") == 0);
        assertThat(here.meters().get("weir.redis.channels").gauge().value()).isZero();
        List<String> heard = new CopyOnWriteArrayList<>();
        listen(here, "room", heard);
        say(there, "room", "again");
        Awaitility.await().atMost(PATIENCE).until(() -> heard.contains("again"));
    }

    @Test
    void aThousandChannelsComeAndGo() {
        for (int round = 0; round < 3; round++) {
            List<Disposable> all = new CopyOnWriteArrayList<>();
            List<String> heard = new CopyOnWriteArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                all.add(here.redis()
                        .signals()
                        .listen("room" + i)
                        .map(RedisSignalsTest::text)
                        .subscribe(heard::add));
            }
            Awaitility.await().atMost(PATIENCE).until(() -> heard.size() >= 1_000);
            say(there, "room999", "last");
            Awaitility.await().atMost(PATIENCE).until(() -> heard.contains("last"));
            all.forEach(Disposable::dispose);
            Awaitility.await().atMost(PATIENCE).until(() -> subscribed("room999") == 0 && subscribed("room0") == 0);
        }
        assertThat(here.meters().get("weir.redis.channels").gauge().value()).isZero();
    }

    @Test
    void whoeverListenedIsToldOfTheGapAndHearsAgainWhenRedisIsBack() {
        List<String> heard = new CopyOnWriteArrayList<>();
        listen(there, "room", heard);
        rig.proxy.reset();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> !there.redis().isWell() && !here.redis().isWell());
        say(here, "room", "lost");
        Awaitility.await().atMost(PATIENCE).until(() -> here.counter("weir.redis.signals", "what", "dropped") >= 1);
        rig.proxy.heal();
        there.awaitWell();
        here.awaitWell();
        Awaitility.await().atMost(PATIENCE).until(() -> heard.size() >= 2);
        say(here, "room", "found");
        Awaitility.await().atMost(PATIENCE).until(() -> heard.contains("found"));
        assertThat(heard).containsExactly("gap", "gap", "found");
    }
}
