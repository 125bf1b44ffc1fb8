package io.weir.common.hot;

import io.weir.common.model.TableId;
import java.util.List;
import reactor.core.publisher.Mono;

/**
 * Rows that are durable and visible but not yet committed to the catalog. The ingest side implements it; the query
 * side reads it <em>before</em> it reads the catalog and then drops the parts whose flush id the catalog already knows,
 * so that a row is seen exactly once whatever a flush does meanwhile.
 */
public interface HotRows {

    /** A port without rows, for a query service without an ingest side. */
    HotRows NONE = (table, hold) -> Mono.just(List.of());

    /**
     * The hot parts of one measurement, in no particular order; empty when there are none. Each part is immutable and is
     * {@code hold}'s from the moment it is made: its memory stays counted until the hold, or the part, is closed. Never
     * blocks.
     */
    Mono<List<HotPart>> snapshot(TableId table, HotHold hold);

    /**
     * The {@link HotVersion} of what {@link #snapshot} would give now, for whoever kept an answer made from an earlier one. A
     * port that can tell it without its rows does; this default takes them, and lets them go. Never blocks.
     */
    default Mono<String> version(TableId table) {
        return Mono.using(HotHold::new, hold -> snapshot(table, hold).map(HotVersion::of));
    }

    /** Whether {@link #version} can be told without taking the rows; where it cannot, nothing is kept by versions. */
    default boolean tellsVersions() {
        return true;
    }

    /** Like {@link #snapshot(TableId, HotHold)}, of at least what {@code scope} says. */
    default Mono<List<HotPart>> snapshot(TableId table, HotScope scope, HotHold hold) {
        return snapshot(table, hold);
    }
}
