/**
 * Owns acknowledged rows on their way from ingest replicas to query replicas, over a bus. Start at {@link
 * io.weir.storage.live.BusPublisher} and {@link io.weir.storage.live.BusFeed}.
 */
@NullMarked
package io.weir.storage.live;

import org.jspecify.annotations.NullMarked;
