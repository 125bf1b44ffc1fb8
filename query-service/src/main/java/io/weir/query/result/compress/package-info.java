/** Owns the compression of results on their way out. Start at {@link io.weir.query.result.compress.ResultCompression}. */
@NullMarked
package io.weir.query.result.compress;

import org.jspecify.annotations.NullMarked;
