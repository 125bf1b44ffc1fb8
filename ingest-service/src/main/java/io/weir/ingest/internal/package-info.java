/**
 * Owns the port at which query replicas read the hot rows of this ingest replica. Start at {@link
 * io.weir.ingest.internal.InternalPort}.
 */
@NullMarked
package io.weir.ingest.internal;

import org.jspecify.annotations.NullMarked;
