/** Owns the accounting that keeps memory bounded. Start at {@link io.weir.common.memory.MemoryBudget}. */
@NullMarked
package io.weir.common.memory;

import org.jspecify.annotations.NullMarked;
