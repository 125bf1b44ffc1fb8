/** Owns what all of the query service shares: its ways to fail. Start at {@link io.weir.query.QueryError}. */
@NullMarked
package io.weir.query;

import org.jspecify.annotations.NullMarked;
