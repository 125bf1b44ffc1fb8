/** Owns word from process to process that need not arrive. Start at {@link io.weir.common.signal.Signals}. */
@NullMarked
package io.weir.common.signal;

import org.jspecify.annotations.NullMarked;
