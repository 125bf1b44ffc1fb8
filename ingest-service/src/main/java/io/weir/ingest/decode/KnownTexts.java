package io.weir.ingest.decode;

import io.weir.common.batch.StringColumn;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Columns of texts that earlier columnar MessagePack requests of one database had, each with the bytes it was
 * decoded from. A collector sends the same texts in the same order with every interval, and to compare bytes is some twenty
 * times faster than to decode them. What is remembered is shared by all batches that have it, so it is also held, and
 * prepared for a file, once. It only saves work; what a request decodes to does not depend on it. Bounded: what was used
 * longest ago is forgotten first. Thread-safe.
 */
final class KnownTexts {

    /** Bytes that tell columns apart before all of them are compared: the name, the number of rows, some values. */
    private static final int HEAD_BYTES = 48;

    private static final int ENTRY_BYTES = 160;
    private static final int LONGEST_PATIENCE = 12;

    private final long maxBytes;
    private final LongConsumer resized;
    private final Map<Integer, Texts> byHead = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private int patience;
    private int passedOver;

    /**
     * Remembers nothing yet.
     *
     * @param maxBytes heap that may be held
     * @param resized hears the heap held after each change
     */
    KnownTexts(long maxBytes, LongConsumer resized) {
        this.maxBytes = maxBytes;
        this.resized = resized;
    }

    /** The column that stands at {@code from}, its name first, before {@code to}, if it is known. */
    @Nullable
    Texts find(byte[] body, int from, int to) {
        if (to - from < HEAD_BYTES) {
            return null;
        }
        Texts texts = get(head(body, from));
        if (texts == null || !texts.standsAt(body, from, to)) {
            return null;
        }
        texts.used = true;
        return texts;
    }

    /**
     * Remembers that {@code body[from, to)}, a column with its name, decodes to {@code column}, which has a value. Where columns hardly ever
     * come again, most are passed over.
     */
    void learn(byte[] body, int from, int to, StringColumn column) {
        long size = to - from + column.sizeBytes() + ENTRY_BYTES;
        if (to - from < HEAD_BYTES || size > maxBytes / 4 || !isDue()) {
            return;
        }
        add(head(body, from), new Texts(Arrays.copyOfRange(body, from, to), column, size));
    }

    /** Heap held now. */
    synchronized long sizeBytes() {
        return bytes;
    }

    private synchronized @Nullable Texts get(int head) {
        return byHead.get(head);
    }

    private synchronized boolean isDue() {
        if (++passedOver < 1 << patience) {
            return false;
        }
        passedOver = 0;
        return true;
    }

    private void add(int head, Texts texts) {
        long held;
        synchronized (this) {
            Texts other = byHead.put(head, texts);
            bytes += texts.size;
            if (other != null) {
                forget(other);
            }
            Iterator<Texts> oldest = byHead.values().iterator();
            while (bytes > maxBytes && oldest.hasNext()) {
                forget(oldest.next());
                oldest.remove();
            }
            held = bytes;
        }
        resized.accept(held);
    }

    private void forget(Texts texts) {
        bytes -= texts.size;
        patience = texts.used ? 0 : Math.min(patience + 1, LONGEST_PATIENCE);
    }

    private static int head(byte[] body, int from) {
        long hash = 0;
        for (int at = from; at < from + HEAD_BYTES; at += Long.BYTES) {
            hash = (hash ^ Words.at(body, at)) * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        return (int) (hash >>> Integer.SIZE);
    }

    /** One column: what it looked like, and what it is. */
    static final class Texts {

        private final byte[] raw;
        private final StringColumn column;
        private final long size;
        private volatile boolean used;

        private Texts(byte[] raw, StringColumn column, long size) {
            this.raw = raw;
            this.column = column;
            this.size = size;
        }

        private boolean standsAt(byte[] body, int from, int to) {
            return raw.length <= to - from && Arrays.equals(raw, 0, raw.length, body, from, from + raw.length);
        }

        /** How many bytes it takes in a request, its name included. */
        int length() {
            return raw.length;
        }

        /** Its rows, to be shared and not to be modified. */
        StringColumn column() {
            return column;
        }
    }
}
