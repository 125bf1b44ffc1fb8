/** Owns conditions that are tried on the rows of column batches without the engine. Start at {@link io.weir.query.condition.Condition}. */
@NullMarked
package io.weir.query.condition;

import org.jspecify.annotations.NullMarked;
