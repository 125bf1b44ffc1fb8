package io.weir.standalone.cli;

import io.weir.storage.check.CheckTally;
import io.weir.storage.check.Finding;
import java.util.List;
import java.util.function.BiConsumer;

/** Checks the object store of a data directory against its catalog, in this process. */
@FunctionalInterface
public interface StorageChecker {

    /**
     * Checks everything and returns when done.
     *
     * @param findings is given what was found since it was last called, often nothing, and how far the check is; by one
     *     thread at a time
     * @return what was found in all
     * @throws RuntimeException when it could not be checked; a {@code WeirException} somewhere among the causes has a detail
     *     fit to be shown
     */
    CheckTally check(StorageCheckOptions options, BiConsumer<List<Finding>, CheckTally> findings);
}
