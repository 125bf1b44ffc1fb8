package io.weir.storage.object;

import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The paths added or asked for most recently, at least {@code least} of them and at most twice as many: when a generation
 * is full it becomes the old one, and what is still asked for moves on. Forgetting one is harmless to its users.
 * Thread-safe.
 */
final class RecentPaths {

    private final int least;
    private volatile Set<Path> young = ConcurrentHashMap.newKeySet();
    private volatile Set<Path> old = ConcurrentHashMap.newKeySet();

    RecentPaths(int least) {
        this.least = least;
    }

    boolean contains(Path path) {
        if (young.contains(path)) {
            return true;
        }
        boolean known = old.contains(path);
        if (known) {
            add(path);
        }
        return known;
    }

    void remove(Path path) {
        young.remove(path);
        old.remove(path);
    }

    void add(Path path) {
        if (young.size() >= least) {
            age();
        }
        young.add(path);
    }

    private synchronized void age() {
        if (young.size() >= least) {
            old = young;
            young = ConcurrentHashMap.newKeySet();
        }
    }

    int size() {
        return young.size() + old.size();
    }
}
