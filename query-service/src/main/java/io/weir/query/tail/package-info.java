/**
 * Owns the live tail: rows sent to those who listen as they are acknowledged. Start at {@link io.weir.query.tail.Tail}.
 *
 * <pre>
 *   RowFeed ─▶ Room: queue of batches ─▶ View: choose, encode once ─▶ TailReader: queue of frames ─▶ WebSocket | event stream
 *              one a measurement          one a format and condition      one a subscription
 * </pre>
 */
@NullMarked
package io.weir.query.tail;

import org.jspecify.annotations.NullMarked;
