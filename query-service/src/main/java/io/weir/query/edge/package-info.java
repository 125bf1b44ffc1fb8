/** Owns the HTTP routes of queries and of what there is to query. Start at {@link io.weir.query.edge.QueryConfiguration}. */
@NullMarked
package io.weir.query.edge;

import org.jspecify.annotations.NullMarked;
