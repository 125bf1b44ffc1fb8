/**
 * Owns how hot rows travel between the processes of the two services: the request, and batches as Arrow IPC streams
 * (docs/formats/hot-rows.md). Start at {@link io.weir.storage.hot.HotStream}.
 */
@NullMarked
package io.weir.storage.hot;

import org.jspecify.annotations.NullMarked;
