package io.weir.ingest;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotArea;
import io.weir.common.model.DatabaseId;
import io.weir.ingest.schema.SchemaRegistry;
import io.weir.ingest.wal.WalAppend;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Keeps rows of what is being dropped out of the log. An append says that it is under way before it looks whether its
 * measurements are closed, and closing looks for appends under way after it closed; so each append either is refused or is
 * waited for. Rows that were decoded before a drop and come after it are of a measurement that is made again. Thread-safe; never
 * blocks.
 */
final class WriteFence {

    /** Longer than any request lasts. */
    private static final long REMEMBERED_NANOS = Duration.ofHours(1).toNanos();

    private final SchemaRegistry schemas;
    private final Map<HotArea, Long> closedUntil = new ConcurrentHashMap<>();
    private final Map<HotArea, Long> reopened = new ConcurrentHashMap<>();
    private final Set<Sinks.Empty<Void>> underWay = ConcurrentHashMap.newKeySet();

    WriteFence(SchemaRegistry schemas) {
        this.schemas = schemas;
    }

    /** Logs an append, or refuses it as {@code overloaded}. Not to be cancelled. */
    Mono<Void> pass(WalAppend append, Mono<Void> logged) {
        return Mono.defer(() -> {
            Sinks.Empty<Void> over = Sinks.empty();
            underWay.add(over);
            return Mono.defer(() -> admitted(append).then(logged)).doFinally(signal -> {
                underWay.remove(over);
                over.tryEmitEmpty(); // fails only when nobody waits
            });
        });
    }

    private Mono<Void> admitted(WalAppend append) {
        if (closedUntil.isEmpty() && reopened.isEmpty()) {
            return Mono.empty();
        }
        for (Map.Entry<HotArea, Long> closed : closedUntil.entrySet()) {
            if (concerns(closed.getKey(), append)) {
                if (System.nanoTime() - closed.getValue() < 0) {
                    return Mono.error(new WeirException(
                            CommonError.OVERLOADED, closed.getKey() + " is being dropped; send the rows again"));
                }
                reopen(closed.getKey());
            }
        }
        for (Map.Entry<HotArea, Long> known : List.copyOf(reopened.entrySet())) {
            if (System.nanoTime() - known.getValue() > REMEMBERED_NANOS) {
                reopened.remove(known.getKey(), known.getValue());
            } else if (concerns(known.getKey(), append)) {
                return schemas.open(append.database()).flatMap(now -> schemas.admit(now, append.batches()));
            }
        }
        return Mono.empty();
    }

    private static boolean concerns(HotArea area, WalAppend append) {
        DatabaseId database = append.database();
        return area.database().equals(database)
                && append.batches().stream().anyMatch(batch -> area.holds(database, batch.measurement()));
    }

    /** Closes an area; completes when every append that was let in is in the log and published, or has failed. */
    Mono<Void> close(HotArea area, Duration time) {
        return Mono.defer(() -> {
            closedUntil.put(area, System.nanoTime() + time.toNanos());
            return Flux.fromIterable(List.copyOf(underWay))
                    .concatMap(Sinks.Empty::asMono)
                    .then();
        });
    }

    /** Opens it again. What is known of it is forgotten first, for it may have been dropped. */
    void reopen(HotArea area) {
        if (closedUntil.containsKey(area)) {
            reopened.put(area, System.nanoTime());
            schemas.forget(area);
            closedUntil.remove(area);
        }
    }
}
