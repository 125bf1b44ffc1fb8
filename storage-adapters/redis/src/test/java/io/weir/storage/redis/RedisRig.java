package io.weir.storage.redis;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.testing.FaultProxy;
import io.weir.testing.RedisPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;

/** Processes over one Redis behind a proxy, with keys of their own, and somebody who looks at what is really there. */
final class RedisRig implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(30);

    final String namespace = UUID.randomUUID().toString();
    final FaultProxy proxy;
    final RedisCommands<String, String> truth;
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final RedisClient client;
    private final StatefulRedisConnection<String, String> connection;
    private final List<Process> processes = new ArrayList<>();

    /**
     * What a process has of Redis.
     *
     * @param redis it all
     * @param meters its figures
     */
    record Process(Redis redis, SimpleMeterRegistry meters) {

        double counter(String name, String... tags) {
            return meters.get(name).tags(tags).functionCounter().count();
        }

        double refused(String link, String cause) {
            return meters.get("weir.redis.refused")
                    .tags("link", link, "cause", cause)
                    .counter()
                    .count();
        }

        void awaitWell() {
            Awaitility.await().atMost(PATIENCE).until(redis::isWell);
        }
    }

    RedisRig() {
        RedisPeer peer = RedisPeer.find();
        proxy = FaultProxy.inFrontOf(peer.server());
        client = RedisClient.create(peer.url());
        connection = client.connect();
        truth = connection.sync();
    }

    /** Another process, connected. */
    Process process(String... settings) {
        Process process = starting(namespace, settings);
        process.awaitWell();
        return process;
    }

    /** Another process, of an installation with that namespace, which may not be connected yet. */
    Process starting(String namespace, String... settings) {
        List<String> all = new ArrayList<>(
                List.of("url", "redis://127.0.0.1:" + proxy.url().getPort(), "prefix", "test", "open-for", "200ms"));
        all.addAll(List.of(settings));
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        Process process = new Process(
                Redis.open(RedisSettingsTest.settings(all.toArray(String[]::new)), namespace, "1", schedulers, meters),
                meters);
        processes.add(process);
        return process;
    }

    /** Keys of this rig's processes. */
    List<String> keys() {
        return truth.keys("test:" + namespace + ":*");
    }

    @Override
    public void close() {
        processes.forEach(process -> process.redis().close());
        keys().forEach(truth::del);
        connection.close();
        client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        proxy.close();
        schedulers.close();
    }
}
