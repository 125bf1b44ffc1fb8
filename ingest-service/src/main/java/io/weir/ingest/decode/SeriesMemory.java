package io.weir.ingest.decode;

import io.weir.common.model.DatabaseId;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * What decoders remember from one request to the next, by database: agents send the same series again and again, and what
 * is known need not be taken apart. Line protocol remembers keys of series, columnar MessagePack columns of texts. It only saves work; what a request decodes to
 * does not depend on it. Bounded: the database used longest ago is forgotten first. Thread-safe.
 */
public final class SeriesMemory {

    private static final int DATABASE_SHARE = 4;

    private final long maxBytes;
    private final LongConsumer memory;
    private final Map<DatabaseId, KnownSeries> databases = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    /**
     * An empty memory.
     *
     * @param maxBytes heap it may hold; one database gets at most a quarter
     * @param memory hears by how many bytes this memory has grown (or, negative, shrunk); must not throw
     */
    public SeriesMemory(long maxBytes, LongConsumer memory) {
        this.maxBytes = maxBytes;
        this.memory = memory;
    }

    /** What is remembered of that database, to decode a request with. */
    public synchronized KnownSeries of(DatabaseId database) {
        KnownSeries known = databases.get(database);
        if (known == null) {
            known = new KnownSeries(this, database);
            resize(known, known.sizeBytes());
        }
        return known;
    }

    /** Heap held now. */
    public synchronized long sizeBytes() {
        return bytes;
    }

    long maxBytesOfDatabase() {
        return maxBytes / DATABASE_SHARE;
    }

    /** Takes note of what {@code known} holds now; forgets others if that is too much. */
    synchronized void resize(KnownSeries known, long knownBytes) {
        long before = bytes;
        KnownSeries other = databases.put(known.database(), known);
        bytes += knownBytes - (other == null ? 0 : other.countedBytes);
        known.countedBytes = knownBytes;
        Iterator<KnownSeries> oldest = databases.values().iterator();
        while (bytes > maxBytes && oldest.hasNext()) {
            KnownSeries forgotten = oldest.next();
            bytes -= forgotten.countedBytes;
            forgotten.countedBytes = 0;
            oldest.remove();
        }
        memory.accept(bytes - before);
    }
}
