/**
 * Owns which columns an incoming batch may have: the known schemas in memory, and their growth through the catalog.
 * Start at {@link io.weir.ingest.schema.SchemaRegistry}.
 */
@NullMarked
package io.weir.ingest.schema;

import org.jspecify.annotations.NullMarked;
