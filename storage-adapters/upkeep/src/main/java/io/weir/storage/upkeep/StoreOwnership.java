package io.weir.storage.upkeep;

import io.weir.common.error.WeirException;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.StorageKeys;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ties a store to the one catalog that knows its files, by an object that holds the catalog's name. Without it, a server
 * that was started with an empty catalog, by a typing error or after a disk was lost, would take everything for orphans.
 * Thread-safe.
 */
public final class StoreOwnership {

    /** Key of the object that names the catalog; no data file has such a key. */
    public static final String KEY = "weir-catalog-id";

    private static final int LONGEST_NAME = 64;

    private final ObjectStore store;
    private final CatalogUpkeep catalog;

    /** The tie between those two. */
    public StoreOwnership(ObjectStore store, CatalogUpkeep catalog) {
        this.store = store;
        this.catalog = catalog;
    }

    /**
     * Makes sure that the store is this catalog's, and makes it so when it is nobody's.
     *
     * @return an error {@code store-of-another-catalog} when it is not: then nothing in it may be removed
     */
    public Mono<Void> claim() {
        return catalog.identity()
                .flatMap(identity -> owner().switchIfEmpty(Mono.defer(
                                () -> requireUnclaimed().then(write(identity)).then(Mono.defer(this::owner))))
                        .flatMap(owner -> owner.equals(identity) ? Mono.<Void>empty() : Mono.error(foreign(owner))));
    }

    /**
     * Makes sure that the store is not another catalog's, and writes nothing.
     *
     * @return an error {@code store-of-another-catalog} when it is
     */
    public Mono<Void> verify() {
        return catalog.identity()
                .flatMap(identity -> owner().flatMap(
                                owner -> owner.equals(identity) ? Mono.<Void>empty() : Mono.error(foreign(owner))));
    }

    private Mono<String> owner() {
        return store.read(KEY, 0, LONGEST_NAME)
                .collect(StringBuilder::new, (text, bytes) -> text.append(StandardCharsets.US_ASCII.decode(bytes)))
                .map(text -> text.toString().strip())
                .onErrorResume(ObjectStoreError.OBJECT_MISSING::is, missing -> Mono.empty());
    }

    private Mono<Void> write(String identity) {
        ByteBuffer content = ByteBuffer.wrap((identity + "\n").getBytes(StandardCharsets.US_ASCII));
        return store.put(KEY, Flux.just(content))
                .onErrorResume(ObjectStoreError.OBJECT_EXISTS::is, another -> Mono.empty())
                .then();
    }

    /** A catalog without files may only claim a store without files. */
    private Mono<Void> requireUnclaimed() {
        return catalog.files("")
                .hasElements()
                .flatMap(known -> known
                        ? Mono.<Void>empty()
                        : store.list("")
                                .filter(object -> StorageKeys.isDataFile(object.key()))
                                .next()
                                .flatMap(file -> Mono.<Void>error(new WeirException(
                                        UpkeepError.STORE_OF_ANOTHER_CATALOG,
                                        "the store holds data files, such as " + file.key()
                                                + ", and the catalog knows none (expected: the catalog that wrote them, or an empty"
                                                + " store); nothing is removed"))));
    }

    private static WeirException foreign(String owner) {
        return new WeirException(
                UpkeepError.STORE_OF_ANOTHER_CATALOG,
                "the store belongs to catalog " + owner + ", as its object " + KEY
                        + " says (expected: this catalog); nothing is removed");
    }
}
