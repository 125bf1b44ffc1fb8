/** Owns the port through which queries see rows that are not yet in files. Start at {@link io.weir.common.hot.HotRows}. */
@NullMarked
package io.weir.common.hot;

import org.jspecify.annotations.NullMarked;
