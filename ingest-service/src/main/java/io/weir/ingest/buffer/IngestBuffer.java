package io.weir.ingest.buffer;

import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.hot.HotVersion;
import io.weir.common.model.TableId;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The hot rows of one measurement: at most one open part, which grows, and the sealed parts, which are on their way to
 * files. Thread-safe; every method takes the buffer's lock for a moment and never waits inside it. Whoever must do several
 * things at one moment holds that lock, which is the buffer itself.
 */
final class IngestBuffer {

    private final TableId table;
    private final ArrayList<BufferPart> sealed = new ArrayList<>(0);
    private @Nullable BufferPart open;

    IngestBuffer(TableId table) {
        this.table = table;
    }

    TableId table() {
        return table;
    }

    /** Appends to the open part and returns it; a new one is opened when there is none. */
    synchronized BufferPart append(BufferedBatch batch, FlushIds ids) {
        BufferPart part = open;
        if (part == null) {
            part = new BufferPart(table, ids.next(), batch.sequence(), System.nanoTime());
            open = part;
        }
        part.append(batch);
        return part;
    }

    /** The part that grows; null when there is none. */
    synchronized @Nullable BufferPart open() {
        return open;
    }

    /** Seals the open part; null when there is none. */
    synchronized @Nullable BufferPart seal() {
        BufferPart part = open;
        if (part != null) {
            sealed.add(part);
            open = null;
        }
        return part;
    }

    /** Heap the open part holds. */
    synchronized long openBytes() {
        return open == null ? 0 : open.sizeBytes();
    }

    /** Parts on their way to files. A part is one of them from the moment it is sealed. */
    synchronized List<BufferPart> sealedParts() {
        return List.copyOf(sealed);
    }

    /** Forgets a sealed part that is committed. */
    synchronized void drop(BufferPart part) {
        if (!sealed.remove(part)) {
            throw new IllegalStateException("part " + part.flushId() + " is not in the buffer of " + table);
        }
    }

    /** The version of what {@link #snapshot} would give. */
    synchronized String version() {
        SortedMap<String, Long> rows = new TreeMap<>();
        sealed.forEach(part -> rows.put(part.flushId(), part.rows()));
        if (open != null) {
            rows.put(open.flushId(), open.rows());
        }
        return HotVersion.of(rows);
    }

    synchronized List<HotPart> snapshot(HotHold hold) {
        List<HotPart> parts = new ArrayList<>(sealed.size() + 1);
        for (BufferPart part : sealed) {
            parts.add(hold.add(part.hot()));
        }
        if (open != null) {
            parts.add(hold.add(open.hot()));
        }
        return parts;
    }
}
