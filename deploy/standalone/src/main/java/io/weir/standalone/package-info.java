/** Owns the process behind {@code ./weir}: its main class. Start at {@link io.weir.standalone.Weir}. */
@NullMarked
package io.weir.standalone;

import org.jspecify.annotations.NullMarked;
