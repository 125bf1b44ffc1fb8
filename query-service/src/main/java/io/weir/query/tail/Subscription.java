package io.weir.query.tail;

import io.weir.common.model.TableId;
import io.weir.query.condition.Condition;
import org.jspecify.annotations.Nullable;

/**
 * What somebody asks for.
 *
 * @param table whose rows; need not exist
 * @param format how they are sent
 * @param onSlow what is done when they are taken too slowly
 * @param where the condition as sent; empty for all rows
 * @param condition the same, compiled; null for all rows
 */
record Subscription(
        TableId table,
        TailFormat format,
        SlowPolicy onSlow,
        String where,
        @Nullable Condition condition) {

    /** Subscriptions of a measurement with one of these get the very same frames. */
    record Kind(TailFormat format, String where) {}

    Kind kind() {
        return new Kind(format, where);
    }
}
