package io.weir.storage.cache;

import java.nio.file.Path;
import reactor.core.publisher.Mono;

/**
 * One object's place in the cache. Its pins are counted under the cache's lock.
 */
final class CachedFile {

    final String id;
    final long sizeBytes;

    /** Its file, whole and checked, perhaps after a download that all who ask share. */
    final Mono<Path> ready;

    /** Those who hold it. */
    int pins;

    /** Until its file is there or has failed to be. */
    private volatile boolean pending;

    private CachedFile(String id, long sizeBytes, Mono<Path> work, boolean pending) {
        this.id = id;
        this.sizeBytes = sizeBytes;
        this.pending = pending;
        this.ready = work.doOnTerminate(() -> this.pending = false).cache();
    }

    /** One whose file has to be fetched by {@code work}. */
    static CachedFile coming(String id, long sizeBytes, Mono<Path> work) {
        return new CachedFile(id, sizeBytes, work, true);
    }

    /** One whose file was found, and is checked by {@code work} when it is first asked for. */
    static CachedFile known(String id, long sizeBytes, Mono<Path> work) {
        return new CachedFile(id, sizeBytes, work, false);
    }

    boolean isIdle() {
        return pins == 0 && !pending;
    }
}
