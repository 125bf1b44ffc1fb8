/**
 * Owns files that are imported: takes them in whole, then stores their rows in the background, each once, at the pace that
 * live writes leave. Start at {@link io.weir.ingest.imports.Imports}.
 */
@NullMarked
package io.weir.ingest.imports;

import org.jspecify.annotations.NullMarked;
