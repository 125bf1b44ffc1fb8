package io.weir.storage.object;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Named immutable objects. Keys are {@code /}-separated segments as {@link StorageKeys} makes them. An object appears
 * whole or not at all, is never changed, and is durable when {@link #put} has completed. Nothing here blocks the caller.
 * Errors are {@link io.weir.common.error.WeirException}s with a code of {@link ObjectStoreError}.
 */
public interface ObjectStore {

    /**
     * Creates an object from a local file, which the store takes over: after success it is gone. When this completes, the
     * object's content and its name are on stable storage: whoever records the object elsewhere, and then gives up the
     * rows it was made of, relies on that. The file itself need not be synced before.
     *
     * @return the new object; an error {@code object-exists} when the key is taken, in which case nothing changes;
     *     {@code object-store-failed} when the outcome may be either. Cancelling does not undo it.
     */
    Mono<ObjectInfo> put(String key, Path file);

    /** The object of that key; empty when there is none. */
    Mono<ObjectInfo> head(String key);

    /**
     * The bytes {@code [offset, offset + length)} of an object in buffers of bounded size, as they are asked for.
     *
     * @return an error {@code object-missing} when there is no such object
     */
    Flux<ByteBuffer> read(String key, long offset, long length);

    /** Every object whose key starts with that prefix, in no particular order. A failed listing is an error, never short. */
    Flux<ObjectInfo> list(String prefix);

    /** Removes an object; true when it was there. */
    Mono<Boolean> remove(String key);

    /**
     * A file on local disk that holds the object, for readers that need one. It stays as long as the object does.
     *
     * @return an error {@code object-missing} when there is no such object
     */
    Mono<Path> localFile(String key);
}
