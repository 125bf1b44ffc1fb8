/** Owns what people set about the catalog. Start at {@link io.weir.storage.catalog.setup.CatalogSettings}. */
@NullMarked
package io.weir.storage.catalog.setup;

import org.jspecify.annotations.NullMarked;
