/**
 * Owns what exists: databases, measurements, their columns, their files, and the flushes that were committed. Start at
 * {@link io.weir.storage.catalog.Catalog}.
 */
@NullMarked
package io.weir.storage.catalog;

import org.jspecify.annotations.NullMarked;
