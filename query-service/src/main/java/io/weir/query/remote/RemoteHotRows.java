package io.weir.query.remote;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.weir.common.hot.HotArea;
import io.weir.common.hot.HotControl;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotRows;
import io.weir.common.hot.HotScope;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.memory.Reservation;
import io.weir.common.model.TableId;
import io.weir.storage.hot.ControlRequest;
import io.weir.storage.hot.HotRequest;
import io.weir.storage.hot.InternalSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/**
 * Hot rows of ingest replicas in other processes. All of them are asked at once, and all must answer: rows of one that does
 * not are acknowledged and might be in no file, so that a result without them would be silently short. What was read is
 * counted against {@code weir.query.hot-memory} until the query lets go of it. Thread-safe; never blocks.
 */
public final class RemoteHotRows implements HotRows, HotControl, AutoCloseable {

    private static final int CONNECTIONS = 64; // to each replica
    private static final int PENDING = 1_000;

    /** Shorter than the other side keeps an idle connection. */
    private static final Duration IDLE_TIME = Duration.ofSeconds(30);

    private final MemoryBudget memory;
    private final LoopResources loops;
    private final ConnectionProvider connections;
    private final List<IngestReplica> replicas = new ArrayList<>();

    /** Hot rows of the replicas that the settings name; answers are decoded on {@code decoder}. */
    public RemoteHotRows(
            RemoteSettings settings, InternalSettings internal, Scheduler decoder, MeterRegistry registry) {
        this.memory = MemoryBudget.root(
                "hot rows (weir.query.hot-memory)", settings.hotMemory().toBytes());
        this.loops = LoopResources.create("weir-hot", 1, 2, true);
        this.connections = ConnectionProvider.builder("weir-hot")
                .maxConnections(CONNECTIONS)
                .pendingAcquireMaxCount(PENDING)
                .pendingAcquireTimeout(settings.hotTimeout())
                .maxIdleTime(IDLE_TIME)
                .build();
        HttpClient client = HttpClient.create(connections)
                .runOn(loops)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int)
                        Math.min(Integer.MAX_VALUE, settings.hotConnectTimeout().toMillis()))
                .headers(headers -> headers.set(HttpHeaderNames.AUTHORIZATION, internal.authorization()));
        settings.addresses()
                .forEach(address ->
                        replicas.add(new IngestReplica(address, client, settings.hotTimeout(), decoder, registry)));
    }

    @Override
    public boolean tellsVersions() {
        return false;
    }

    @Override
    public Mono<List<HotPart>> snapshot(TableId table, HotHold hold) {
        return snapshot(table, HotScope.ALL, hold);
    }

    @Override
    public Mono<List<HotPart>> snapshot(TableId table, HotScope scope, HotHold hold) {
        HotRequest request = new HotRequest(table, scope);
        return Flux.fromIterable(replicas)
                .flatMap(replica -> read(replica, request, hold), Math.max(1, replicas.size()))
                .flatMapIterable(parts -> parts)
                .collectList();
    }

    @Override
    public Mono<Void> flush(HotArea area) {
        return all(new ControlRequest(ControlRequest.Act.FLUSH, area, Duration.ZERO));
    }

    @Override
    public Mono<Void> close(HotArea area, Duration time) {
        return all(new ControlRequest(ControlRequest.Act.CLOSE, area, time));
    }

    @Override
    public Mono<Void> reopen(HotArea area) {
        return all(new ControlRequest(ControlRequest.Act.REOPEN, area, Duration.ZERO));
    }

    private Mono<Void> all(ControlRequest request) {
        return Flux.fromIterable(replicas)
                .flatMapDelayError(
                        replica -> replica.control(request), Math.max(1, replicas.size()), Math.max(1, replicas.size()))
                .then();
    }

    private Mono<List<HotPart>> read(IngestReplica replica, HotRequest request, HotHold hold) {
        return Mono.defer(() -> {
            Reservation held = memory.reserve(0);
            hold.keep(held::close);
            return replica.read(request, bytes -> take(held, bytes));
        });
    }

    private static void take(Reservation held, long bytes) {
        try {
            held.grow(bytes);
        } catch (IllegalStateException closed) {
            // The query is over: the answer is no longer read on, and what came of it is garbage already.
        }
    }

    /** State of each replica's breaker, by its address. */
    public Map<String, String> states() {
        Map<String, String> states = new TreeMap<>();
        replicas.forEach(replica -> states.put(replica.name(), replica.state()));
        return states;
    }

    /** What hot rows of running queries take, against its limit. */
    public MemoryBudget memory() {
        return memory;
    }

    @Override
    public void close() {
        connections.dispose();
        loops.dispose();
    }
}
