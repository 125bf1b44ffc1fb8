/** Owns copies of remote objects on local disk, for readers that need files. Start at {@link io.weir.storage.cache.FileCache}. */
@NullMarked
package io.weir.storage.cache;

import org.jspecify.annotations.NullMarked;
