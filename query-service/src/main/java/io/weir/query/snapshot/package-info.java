/**
 * Owns which rows a query sees: names resolved to measurements, and for each its files and hot rows exactly once. Start
 * at {@link io.weir.query.snapshot.SnapshotReader}.
 */
@NullMarked
package io.weir.query.snapshot;

import org.jspecify.annotations.NullMarked;
