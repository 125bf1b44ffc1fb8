package io.weir.storage.object;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Named immutable objects. Keys are {@code /}-separated segments as {@link StorageKeys} makes them. An object appears
 * whole or not at all, is never changed, and is durable when {@link #put} has completed. Nothing here blocks the caller,
 * and nothing holds more of an object in heap than a few buffers, or parts of {@link ObjectTransfer#STREAM_PART_BYTES}.
 *
 * <p>Reads see what is written: once a put or a removal has completed, every later head, read and list of any process
 * shows it.
 *
 * <p>Errors are {@link io.weir.common.error.WeirException}s with a code of {@link ObjectStoreError}. Three of them say that
 * nothing happened: {@code object-exists}, {@code object-missing}, {@code object-store-refused}, and so does {@code
 * object-store-busy}. After {@code object-store-failed} and {@code object-store-timeout} the operation may have happened or
 * may still happen: whoever gets one of these may try again or ask by {@link #head}, and deletes nothing. So it is after a
 * cancel.
 */
public interface ObjectStore {

    /**
     * Creates an object from a local file, which the store takes over: after success it is gone, after an error it is as it
     * was. When this completes, the object's content and its name are on stable storage: whoever records the object
     * elsewhere, and then gives up the rows it was made of, relies on that. The file itself need not be synced before. A
     * large file is sent in parts, several at once; until the last of them nothing is visible.
     *
     * @return the new object; an error {@code object-exists} when the key is taken, in which case nothing changes. Of
     *     several puts of one key exactly one succeeds. Cancelling stops sending and does not undo it.
     */
    Mono<ObjectInfo> put(String key, Path file);

    /**
     * Creates an object from a stream of any length, asked for at the store's pace; otherwise like {@link #put(String,
     * Path)}. When the stream fails or the subscriber cancels, there is no object, and parts that were sent are given up.
     *
     * @param content buffers that the store may keep until this terminates; at most the bytes of a few parts are asked for
     *     ahead
     */
    Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content);

    /** The object of that key, with its checksum when it was put from a file to a remote store; empty when there is none. */
    Mono<ObjectInfo> head(String key);

    /**
     * The bytes {@code [offset, offset + length)} of an object in buffers of bounded size, as they are asked for; fewer
     * when the object ends before. A stream that ends early in any other way is an error: what completes is whole. Buffers
     * belong to the subscriber and have arrays.
     *
     * @return an error {@code object-missing} when there is no such object; {@code object-store-failed} in the middle when
     *     the connection breaks
     */
    Flux<ByteBuffer> read(String key, long offset, long length);

    /** Every object whose key starts with that prefix: {@code list(prefix, "")}. */
    default Flux<ObjectInfo> list(String prefix) {
        return list(prefix, "");
    }

    /**
     * Every object whose key starts with that prefix and is greater than {@code after}, in ascending order of the key's
     * UTF-8 bytes, page by page as they are asked for. An object that is put or removed meanwhile may or may not be seen; all
     * others are seen once. A failed listing is an error, never short.
     *
     * @param after a key, perhaps of an object that is gone; empty for the beginning
     */
    Flux<ObjectInfo> list(String prefix, String after);

    /** Removes an object. Completes when it is gone, also when it was never there. */
    Mono<Void> remove(String key);

    /**
     * Removes many objects, some at once.
     *
     * @return those that may still be there, each once, with the reason; whatever is not among them is gone. Never fails:
     *     when the store cannot be reached, every key is returned
     */
    Flux<NotRemoved> removeAll(Collection<String> keys);
}
