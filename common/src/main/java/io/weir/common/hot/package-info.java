/**
 * Owns the ports through which queries see rows that are not yet in files, and hear which are about to be. Start at {@link
 * io.weir.common.hot.HotRows}.
 */
@NullMarked
package io.weir.common.hot;

import org.jspecify.annotations.NullMarked;
