package io.weir.common.live;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * The feed of a process that takes rows and has those who listen: rows go from one to the other as they are. While nobody
 * listens a batch costs one read of a volatile field. Thread-safe.
 */
public final class LocalRowFeed implements RowListener, RowFeed {

    private final Map<TableId, List<RowListener>> listeners = new ConcurrentHashMap<>();
    private volatile boolean wanted;

    @Override
    public void published(DatabaseId database, ColumnBatch batch) {
        if (!wanted) {
            return;
        }
        List<RowListener> told = listeners.get(database.table(batch.measurement()));
        if (told != null) {
            told.forEach(listener -> listener.published(database, batch));
        }
    }

    @Override
    public void missed(TableId table, long rows) {
        List<RowListener> told = listeners.get(table);
        if (told != null) {
            told.forEach(listener -> listener.missed(table, rows));
        }
    }

    @Override
    public synchronized Disposable listen(TableId table, RowListener listener) {
        listeners.merge(table, List.of(listener), LocalRowFeed::joined);
        wanted = true;
        return Disposables.composite(() -> end(table, listener));
    }

    private synchronized void end(TableId table, RowListener listener) {
        listeners.computeIfPresent(table, (key, told) -> without(told, listener));
        wanted = !listeners.isEmpty();
    }

    private static List<RowListener> joined(List<RowListener> some, List<RowListener> more) {
        List<RowListener> all = new ArrayList<>(some);
        all.addAll(more);
        return List.copyOf(all);
    }

    private static @Nullable List<RowListener> without(List<RowListener> told, RowListener ended) {
        List<RowListener> rest = new ArrayList<>(told);
        rest.remove(ended);
        return rest.isEmpty() ? null : List.copyOf(rest);
    }

    /** Measurements that somebody listens to. */
    public int size() {
        return listeners.size();
    }
}
