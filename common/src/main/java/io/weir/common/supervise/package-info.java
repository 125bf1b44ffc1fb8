/** Owns the running of background work: when, how often, what becomes of failures. Start at {@link io.weir.common.supervise.Supervisor}. */
@NullMarked
package io.weir.common.supervise;

import org.jspecify.annotations.NullMarked;
