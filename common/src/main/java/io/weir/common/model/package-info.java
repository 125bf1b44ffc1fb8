/** Owns the names of things: organisations, databases, measurements. Start at {@link io.weir.common.model.TableId}. */
@NullMarked
package io.weir.common.model;

import org.jspecify.annotations.NullMarked;
