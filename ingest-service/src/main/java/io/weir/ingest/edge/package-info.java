/**
 * Owns the write routes: what each dialect's clients may send, and in which shape they are answered. Start at
 * {@link io.weir.ingest.edge.WriteRoutes}.
 */
@NullMarked
package io.weir.ingest.edge;

import org.jspecify.annotations.NullMarked;
