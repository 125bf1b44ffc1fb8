package io.weir.storage.duckdb;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The sessions in use, so that closing the engine can end them and wait until they are gone. Thread-safe. */
final class ActiveSessions {

    private final Set<DuckDbSession> sessions = new HashSet<>();
    private long created;
    private long destroyed;

    synchronized void add(DuckDbSession session) {
        sessions.add(session);
        created++;
    }

    synchronized void remove(DuckDbSession session) {
        if (sessions.remove(session)) {
            destroyed++;
            notifyAll();
        }
    }

    synchronized List<DuckDbSession> all() {
        return List.copyOf(sessions);
    }

    synchronized long created() {
        return created;
    }

    synchronized long destroyed() {
        return destroyed;
    }

    /** Waits until no session is left; false when some are after {@code limit}. */
    synchronized boolean awaitNone(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!sessions.isEmpty()) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return false;
            }
            wait(left);
        }
        return true;
    }
}
