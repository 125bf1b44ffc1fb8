/**
 * Owns where files are kept: the reactive {@link io.weir.storage.object.ObjectStore} port, objects as {@link
 * io.weir.storage.object.LocalFiles}, and the adapter for local disk.
 * Start at the port.
 */
@NullMarked
package io.weir.storage.object;

import org.jspecify.annotations.NullMarked;
