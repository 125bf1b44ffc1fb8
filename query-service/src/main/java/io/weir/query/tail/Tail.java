package io.weir.query.tail;

import io.weir.common.auth.Authenticator;
import io.weir.common.auth.Credentials;
import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.Problem;
import io.weir.common.limit.Quotas;
import io.weir.common.live.RowFeed;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.TableId;
import io.weir.query.QueryError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * All subscriptions of this process: who may have one, the rooms they are in, and their end. A room is there while somebody is
 * in it, and listens to the feed for as long. Thread-safe; never blocks.
 */
final class Tail {

    private static final Logger LOG = LoggerFactory.getLogger(Tail.class);
    private static final int ROOM_RETRY_SECONDS = 10;
    private static final int TOKENS_AT_ONCE = 8;

    private final RowFeed feed;
    private final TailSettings settings;
    private final Quotas quotas;
    private final Authenticator authenticator;
    private final Scheduler workers;
    private final LongSupplier nanoTime;
    private final MemoryBudget budget;
    private final Map<TableId, OpenRoom> rooms = new ConcurrentHashMap<>();
    private final Map<String, Integer> organisations = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();
    private final LongAdder refused = new LongAdder();
    private final TailCounters counters = new TailCounters();
    private final Map<CloseReason, LongAdder> closed = new EnumMap<>(CloseReason.class);
    private volatile boolean stopping;

    /** A room and what it hears rows by. */
    private record OpenRoom(Room room, Disposable listening) {}

    /**
     * No subscriptions yet.
     *
     * @param workers where rows are chosen and encoded
     * @param nanoTime a clock that never goes back
     */
    Tail(
            RowFeed feed,
            TailSettings settings,
            Quotas quotas,
            Authenticator authenticator,
            Scheduler workers,
            LongSupplier nanoTime) {
        this.feed = feed;
        this.settings = settings;
        this.quotas = quotas;
        this.authenticator = authenticator;
        this.workers = workers;
        this.nanoTime = nanoTime;
        this.budget = MemoryBudget.root("weir.tail.memory", settings.memory().toBytes());
        for (CloseReason reason : CloseReason.values()) {
            closed.put(reason, new LongAdder());
        }
    }

    /**
     * A reader of rows that are acknowledged from now on. Whoever has it must close it.
     *
     * @throws WeirException {@code subscriptions-full}, {@code quota-exceeded}, {@code no-row-feed} or {@code shutting-down}
     */
    TailReader open(Subscription subscription, Principal caller, Credentials credentials) {
        feed.fault().ifPresent(why -> {
            throw new WeirException(QueryError.NO_ROW_FEED, why);
        });
        TableId table = subscription.table();
        TailReader reader = new TailReader(
                subscription, caller, credentials, settings.readerBuffer().toBytes(), nanoTime, counters, this::ended);
        enter(table.organisation());
        boolean seated = false;
        try {
            rooms.compute(table, (key, known) -> seat(key, known, reader));
            seated = true;
        } finally {
            if (!seated) {
                leave(table.organisation());
            }
        }
        if (stopping) {
            reader.close(CloseReason.GOING_AWAY);
        }
        return reader;
    }

    private void enter(String organisation) {
        if (stopping) {
            throw new WeirException(CommonError.SHUTTING_DOWN, "the server stops (expected: another one, or later)");
        }
        if (size.incrementAndGet() > settings.maxSubscriptions()) {
            size.decrementAndGet();
            throw full("this server has " + settings.maxSubscriptions() + " subscriptions");
        }
        boolean counted = false;
        try {
            organisations.compute(organisation, (key, held) -> {
                quotas.requireSocket(key, held == null ? 0 : held);
                return held == null ? 1 : held + 1;
            });
            counted = true;
        } finally {
            if (!counted) {
                size.decrementAndGet();
            }
        }
    }

    private void leave(String organisation) {
        organisations.computeIfPresent(organisation, (key, held) -> held == 1 ? null : held - 1);
        size.decrementAndGet();
    }

    private OpenRoom seat(TableId table, @Nullable OpenRoom known, TailReader reader) {
        if (known != null) {
            if (known.room().readers().size() >= settings.maxPerRoom()) {
                throw full("measurement " + table.measurement() + " has " + settings.maxPerRoom() + " subscriptions");
            }
            known.room().add(reader);
            return known;
        }
        Room room = new Room(table, settings, budget, workers);
        OpenRoom opened = new OpenRoom(room, feed.listen(table, room));
        room.add(reader);
        return opened;
    }

    private WeirException full(String what) {
        refused.increment();
        return new WeirException(
                QueryError.SUBSCRIPTIONS_FULL,
                what + ", which is as many as it may have (expected: another try later)",
                Map.of(Problem.RETRY_AFTER, ROOM_RETRY_SECONDS));
    }

    private void ended(TailReader reader, CloseReason why) {
        Objects.requireNonNull(closed.get(why)).increment();
        TableId table = reader.subscription().table();
        rooms.computeIfPresent(table, (key, open) -> {
            if (!open.room().remove(reader)) {
                return open;
            }
            open.listening().dispose();
            open.room().end();
            return null;
        });
        leave(table.organisation());
    }

    /** Pings and ends what is due, and asks again whether tokens are still good. Never fails. */
    Mono<Void> look() {
        List<TailReader> all = readers();
        all.forEach(reader -> reader.look(settings));
        if (authenticator.open()) {
            return Mono.empty();
        }
        Map<Credentials, List<TailReader>> byToken =
                all.stream().collect(Collectors.groupingBy(TailReader::credentials));
        return Flux.fromIterable(byToken.entrySet())
                .flatMap(token -> verify(token.getKey(), token.getValue()), TOKENS_AT_ONCE)
                .then();
    }

    private Mono<Void> verify(Credentials credentials, List<TailReader> readers) {
        return Mono.defer(() -> {
                    Principal known = authenticator.known(credentials);
                    return known == null ? authenticator.authenticate(credentials) : Mono.just(known);
                })
                .doOnNext(now -> readers.stream()
                        .filter(reader -> !mayRead(now, reader.subscription().table()))
                        .forEach(reader -> reader.close(CloseReason.NOT_PERMITTED)))
                .onErrorResume(WeirException.class, failure -> {
                    if (failure.code() == CommonError.UNAUTHENTICATED) {
                        readers.forEach(reader -> reader.close(CloseReason.NOT_PERMITTED));
                    } else { // it could not be asked: what was permitted stays so until it can
                        LOG.debug("a token of {} subscriptions could not be looked at", readers.size(), failure);
                    }
                    return Mono.empty();
                })
                .then();
    }

    private static boolean mayRead(Principal caller, TableId table) {
        return caller.organisation().equals(table.organisation()) && caller.may(Permission.READ, table.database());
    }

    private List<TailReader> readers() {
        List<TailReader> all = new ArrayList<>();
        rooms.values().forEach(open -> all.addAll(open.room().readers()));
        return all;
    }

    /** Ends all subscriptions, and refuses more. @return completes when their connections have ended */
    Mono<Void> stop() {
        stopping = true;
        List<TailReader> all = readers();
        all.forEach(reader -> reader.close(CloseReason.GOING_AWAY));
        return Mono.when(all.stream().map(TailReader::gone).toList());
    }

    int size() {
        return size.get();
    }

    int rooms() {
        return rooms.size();
    }

    /** Organisations that have subscriptions. */
    int organisations() {
        return organisations.size();
    }

    /** Bytes that batches and frames hold. */
    long bytes() {
        return budget.usedBytes();
    }

    long rowsSent() {
        return counters.sent().sum();
    }

    long rowsMissed() {
        return counters.missed().sum();
    }

    long refused() {
        return refused.sum();
    }

    long closed(CloseReason reason) {
        return Objects.requireNonNull(closed.get(reason)).sum();
    }

    /**
     * A room and how many are in it.
     *
     * @param table whose rows
     * @param readers subscriptions
     */
    record RoomSize(TableId table, int readers) {}

    /** The fullest rooms, at most that many. */
    List<RoomSize> fullest(int most) {
        return rooms.entrySet().stream()
                .map(room -> new RoomSize(
                        room.getKey(), room.getValue().room().readers().size()))
                .sorted(Comparator.comparingInt(RoomSize::readers).reversed())
                .limit(most)
                .toList();
    }
}
