/**
 * Owns where files are kept: the reactive {@link io.weir.storage.object.ObjectStore} port and its local-disk adapter.
 * Start at the port.
 */
@NullMarked
package io.weir.storage.object;

import org.jspecify.annotations.NullMarked;
