/**
 * Owns how a query replica sees the hot rows of ingest replicas in other processes. Start at {@link
 * io.weir.query.remote.RemoteHotRows}.
 */
@NullMarked
package io.weir.query.remote;

import org.jspecify.annotations.NullMarked;
