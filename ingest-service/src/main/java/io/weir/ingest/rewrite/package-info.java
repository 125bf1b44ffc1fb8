/**
 * Owns the rewriting of data files without some of their rows, and the background work that does it for deletes. Start at {@link
 * io.weir.ingest.rewrite.FileRewrite}.
 */
@NullMarked
package io.weir.ingest.rewrite;

import org.jspecify.annotations.NullMarked;
