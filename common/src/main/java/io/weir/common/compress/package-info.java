/**
 * Owns the decompression of request bodies: as a stream, with limits that stop it while it streams. Start at {@link
 * io.weir.common.compress.Decompressor}.
 */
@NullMarked
package io.weir.common.compress;

import org.jspecify.annotations.NullMarked;
