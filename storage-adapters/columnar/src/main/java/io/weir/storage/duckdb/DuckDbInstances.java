package io.weir.storage.duckdb;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The instance that new sessions get, and those it replaced, each closed with its last session: after a fatal error an
 * instance refuses everything for good. Thread-safe; instances are opened and closed outside of the lock.
 */
final class DuckDbInstances implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DuckDbInstances.class);

    private final Supplier<DuckDbInstance> opener;
    private final Map<DuckDbInstance, Integer> uses = new HashMap<>(); // at most one entry a session, and the current
    private DuckDbInstance current;
    private long replaced;
    private boolean closed;

    /** Opens the first. */
    DuckDbInstances(Supplier<DuckDbInstance> opener) {
        this.opener = opener;
        this.current = opener.get();
        uses.put(current, 0);
    }

    /** The instance for one use, which ends with {@link #release}. */
    synchronized DuckDbInstance acquire() {
        uses.put(current, uses.getOrDefault(current, 0) + 1);
        return current;
    }

    /** Ends one use; the last of a replaced instance closes it. */
    void release(DuckDbInstance instance) {
        synchronized (this) {
            int left = uses.getOrDefault(instance, 0) - 1;
            uses.put(instance, left);
            if (left > 0 || (instance == current && !closed)) {
                return;
            }
            uses.remove(instance);
        }
        close(instance);
    }

    /** Puts a new instance in the place of a broken one, unless another did. @throws WeirException when none opens */
    void replace(DuckDbInstance broken) {
        synchronized (this) {
            if (closed || broken != current) {
                return;
            }
        }
        DuckDbInstance next = opener.get();
        DuckDbInstance unused = swap(broken, next);
        if (unused != null) {
            close(unused);
        }
    }

    /** The instance that nobody uses afterwards, if there is one. */
    private synchronized @Nullable DuckDbInstance swap(DuckDbInstance broken, DuckDbInstance next) {
        if (closed || broken != current) {
            return next;
        }
        current = next;
        replaced++;
        int left = uses.getOrDefault(broken, 0);
        uses.put(next, 0);
        if (left > 0) {
            return null;
        }
        uses.remove(broken);
        return broken;
    }

    /** Instances replaced since the start. */
    synchronized long replaced() {
        return replaced;
    }

    /** Registered sets of hot rows of all instances. */
    synchronized int hotTables() {
        return uses.keySet().stream()
                .mapToInt(instance -> instance.hotTables().size())
                .sum();
    }

    private static void close(DuckDbInstance instance) {
        try {
            instance.close();
        } catch (WeirException e) {
            LOG.warn("an instance of the query engine did not close cleanly", e);
        }
    }

    /** Closes the current instance, now or with its last use. */
    @Override
    public void close() {
        DuckDbInstance last;
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            last = current;
            if (uses.getOrDefault(last, 0) > 0) {
                return;
            }
            uses.remove(last);
        }
        try {
            last.close();
        } catch (WeirException e) {
            throw new WeirException(CommonError.INTERNAL, "the query engine does not close", e);
        }
    }
}
