/** Owns results that are read page by page. Start at {@link io.weir.query.cursor.Cursors}. */
@NullMarked
package io.weir.query.cursor;

import org.jspecify.annotations.NullMarked;
