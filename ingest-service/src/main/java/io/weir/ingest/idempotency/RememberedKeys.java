package io.weir.ingest.idempotency;

import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WriteKey;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keys of writes that were stored, in memory. Keys expire in order of their deadline; when memory runs short those that
 * expire next go first, but only once the catalog has them. Not thread-safe.
 */
final class RememberedKeys {

    /** Heap of a key besides its texts: map and tree nodes, records, string headers. */
    private static final long OVERHEAD_BYTES = 240;

    private final Map<KeyName, Entry> byName = new HashMap<>();
    private final TreeSet<Entry> byExpiry = new TreeSet<>(
            Comparator.<Entry>comparingLong(entry -> entry.logged.key().expiresMillis())
                    .thenComparingLong(entry -> entry.number));
    private final long maxBytes;
    private long bytes;
    private long numbers;
    private long archivedUntilMillis = Long.MIN_VALUE;

    private static final class Entry {
        final KeyName name;
        final LoggedKey logged;
        final long number;
        boolean archived;

        Entry(KeyName name, LoggedKey logged, long number, boolean archived) {
            this.name = name;
            this.logged = logged;
            this.number = number;
            this.archived = archived;
        }

        long bytes() {
            WriteKey key = logged.key();
            return OVERHEAD_BYTES + key.text().length() + key.outcome().length();
        }
    }

    RememberedKeys(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Nullable
    LoggedKey find(KeyName name) {
        Entry entry = byName.get(name);
        return entry == null ? null : entry.logged;
    }

    /** Remembers a key, in place of an earlier write with the same one. */
    void put(KeyName name, LoggedKey logged, boolean archived) {
        remove(name);
        Entry entry = new Entry(name, logged, numbers++, archived);
        byName.put(name, entry);
        byExpiry.add(entry);
        bytes += entry.bytes();
    }

    /** Notes that the catalog has the key, unless a later write with it came since. */
    void archived(KeyName name, LoggedKey logged) {
        Entry entry = byName.get(name);
        if (entry != null && entry.logged.sequence() == logged.sequence()) {
            entry.archived = true;
        }
    }

    private void remove(KeyName name) {
        Entry entry = byName.remove(name);
        if (entry != null) {
            byExpiry.remove(entry);
            bytes -= entry.bytes();
        }
    }

    /** Forgets what has expired: the head of the order, not a scan. */
    void expire(long nowMillis) {
        while (!byExpiry.isEmpty() && byExpiry.first().logged.key().expiresMillis() <= nowMillis) {
            remove(byExpiry.first().name);
        }
    }

    /**
     * Makes room for one more key beside {@code pending} that are not stored yet.
     *
     * @return false when there is none, because the next key to go is not in the catalog yet
     */
    boolean makeRoom(int pending) {
        while (bytes + (pending + 1L) * OVERHEAD_BYTES > maxBytes && !byExpiry.isEmpty()) {
            Entry next = byExpiry.first();
            if (!next.archived) {
                return false;
            }
            onlyInArchive(next.logged.key().expiresMillis());
            remove(next.name);
        }
        return bytes + (pending + 1L) * OVERHEAD_BYTES <= maxBytes;
    }

    /** Says that the catalog may have keys that are not here, none of which expires later than that. */
    void onlyInArchive(long expiresMillis) {
        archivedUntilMillis = Math.max(archivedUntilMillis, expiresMillis);
    }

    /** Whether a key that is not here may be in the catalog and alive. */
    boolean mayBeInArchive(long nowMillis) {
        return nowMillis < archivedUntilMillis;
    }

    int size() {
        return byName.size();
    }

    /** Keys that fit into that much memory. */
    static int capacity(long maxBytes) {
        return (int) Math.min(Integer.MAX_VALUE, maxBytes / OVERHEAD_BYTES);
    }
}
