package io.weir.storage.catalog;

import java.util.Set;
import reactor.core.publisher.Flux;

/**
 * What is to be put back into a catalog.
 *
 * @param id unique name, at most 32 characters
 * @param rows in the order of {@link CatalogContents#read}; subscribed to again when the transaction has to be repeated
 * @param origins names of the catalogs the rows came from
 * @param replace whether databases among the rows lose every file that is not among them, and measurements take the columns
 *     of the rows. Only while no process writes or reads
 */
public record Restoration(String id, Flux<CatalogRow> rows, Set<String> origins, boolean replace) {

    public Restoration {
        origins = Set.copyOf(origins);
    }
}
