package io.weir.storage.catalog;

import java.util.List;
import java.util.Set;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Everything the catalog knows that describes data, for whoever copies it or puts a copy back. Errors and threads are those
 * of {@link Catalog}, but operations may take long.
 */
public interface CatalogContents {

    /**
     * Hands out every organisation, database, measurement and file as of one moment, in that order, each before what refers to
     * it; files in ascending order of their keys' bytes.
     *
     * @param sink takes some rows and completes when it can take more; its failure ends this with it. Called again from the
     *     beginning never, so a failure has to be followed by another call of this
     */
    Mono<Void> read(Function<List<CatalogRow>, Mono<Void>> sink);

    /** Names of the catalogs whose files are in this one, its own included. */
    Mono<Set<String>> origins();

    /** Processes that read, as far as their rows tell: one that was killed counts for two minutes more. */
    Mono<Long> readers();

    /**
     * Adds what a copy has: all of it in one transaction, or nothing. What is here already, organisations with their limits
     * included, stays as it is; a file that is here already is not added. Repeating it adds nothing.
     *
     * @return what it did; an error {@code column-conflict} when a measurement is here with other columns at the same places,
     *     {@code commit-conflict} when a file is here with another length, of another measurement, or when rows of the copy
     *     may be here in other files, {@code file-removed} when an object is on its way out of the store
     */
    Mono<Restored> restore(Restoration what);

    /** What {@link #restore} would do, or fail with; nothing is changed. */
    Mono<Restored> tryRestore(Restoration what);
}
