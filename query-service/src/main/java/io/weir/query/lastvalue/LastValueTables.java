package io.weir.query.lastvalue;

import io.weir.common.hot.HotHold;
import io.weir.common.model.TableId;
import io.weir.query.snapshot.BoundTable;
import reactor.core.publisher.Mono;

/** Measurements reduced to the rows that a statement for the newest can depend on. */
public interface LastValueTables {

    /** None are kept. */
    LastValueTables NONE = (table, shape, hold) -> Mono.empty();

    /**
     * A part of the measurement's rows, each at most once, over which the statement gives what it gives over all of them. Empty when
     * there is no such part at hand; then all rows are to be read.
     *
     * @param shape what the statement asks for
     * @param hold keeps hot rows in memory until it is closed
     */
    Mono<BoundTable> read(TableId table, LastShape shape, HotHold hold);
}
