/** Owns what is known of a data file's values without reading it. Start at {@link io.weir.common.stats.FileTags}. */
@NullMarked
package io.weir.common.stats;

import org.jspecify.annotations.NullMarked;
