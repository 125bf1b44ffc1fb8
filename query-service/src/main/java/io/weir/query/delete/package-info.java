/**
 * Owns what is asked to be deleted or dropped, up to the moment from which no query sees it. Start at {@link
 * io.weir.query.delete.RowDeletes}.
 */
@NullMarked
package io.weir.query.delete;

import org.jspecify.annotations.NullMarked;
