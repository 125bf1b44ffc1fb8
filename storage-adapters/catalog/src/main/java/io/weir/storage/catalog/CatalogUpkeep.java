package io.weir.storage.catalog;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The catalog as whoever keeps the object store in step with it sees it. Errors, durability and threads are those of
 * {@link Catalog}.
 *
 * <p>An object is removed from the store in three steps, each a transaction that another process, or the same one after a
 * crash, can go on from. It is <em>condemned</em>, here or by a {@link FileChange}: from then on no commit takes its key and no new snapshot names it. When
 * no reader can have a snapshot from before, it is <em>removable</em>, and the store is told. Then it is <em>gone</em>, and
 * its key stays refused until {@link #forgetGone}, longer than a removal whose answer was lost can still arrive.
 *
 * <p>Removals are numbered through the whole catalog. A reader remembers, for each query, the number it knew when the query
 * began: whatever was removed up to that number the query cannot see. So it takes no clock to tell which removals a query
 * began after, only to tell that a reader is gone for good.
 */
public interface CatalogUpkeep {

    /** The name of this catalog: made by chance when first asked for, the same ever after. */
    Mono<String> identity();

    /** Every file of every measurement whose key is greater than that one, in ascending order of the key's bytes, page by page. */
    Flux<DataFile> files(String after);

    /** Those of the keys that are files, or were and are not {@link #forgetGone forgotten} yet. At most 500 keys. */
    Mono<Set<String>> known(Collection<String> keys);

    /**
     * Condemns objects that no commit has named. At most 500 keys.
     *
     * @return those that were condemned; not those that are {@link #known}
     */
    Mono<Set<String>> condemn(Collection<String> keys);

    /**
     * Condemned objects that no reader can see, in order of their removal.
     *
     * @param after the last one of an earlier answer, or null for the first ones
     */
    Mono<List<RemovedFile>> removable(@Nullable RemovedFile after, int atMost);

    /** Records that the store confirmed the removal of those objects. At most 500 keys. */
    Mono<Void> gone(Collection<String> keys);

    /** Frees the keys of objects that were gone before then; forgets readers and leases that ended long ago. @return how many keys */
    Mono<Long> forgetGone(Instant before);

    /**
     * Drops files of which the objects are lost, whatever rows they held, from the catalog. At most 500 keys.
     *
     * @return how many were files
     */
    Mono<Long> dropFiles(Collection<String> keys);

    /**
     * Tells that a process still reads, until {@code lease} from now.
     *
     * @param reader name of the process
     * @param oldestSequence no query it runs or will begin knew a smaller number when it began
     * @return the number of the latest removal, for queries that begin after this
     */
    Mono<Long> renewReader(String reader, long oldestSequence, Duration lease);

    /** Tells that a process reads no more. */
    Mono<Void> endReader(String reader);
}
