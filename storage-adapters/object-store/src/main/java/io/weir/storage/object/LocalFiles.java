package io.weir.storage.object;

import reactor.core.publisher.Mono;

/** Objects as files on local disk, for readers that need files. Nothing here blocks the caller. */
public interface LocalFiles {

    /**
     * A local file that holds the whole object, and stays as it is until the result is closed. Whoever gets it closes it;
     * one that nobody takes, because of a cancel, is closed here.
     *
     * @param sizeBytes what the object's size must be
     * @return an error {@code object-missing} when there is no such object, {@code object-damaged} when it is not what it
     *     was
     */
    Mono<PinnedFile> open(String key, long sizeBytes);
}
