package io.weir.ingest.wal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what must outlive every segment: the identity of the log, and a bound below which sequence numbers may have been
 * used. The bound is raised, and synced, before the first number beyond it is given out; so even when acknowledged
 * appends were lost with the machine, their numbers, which the catalog may know, are never given to other batches.
 *
 * <pre>
 * wal.meta   two slots of 512 bytes, overwritten in turn in place; the intact one with the higher generation counts
 *   0  8  "WEIRMETA"      24  8  generation, from 1
 *   8 16  wal id          32  8  sequence bound
 *                         40  4  CRC32C of bytes 0–39
 * </pre>
 *
 * <p>Used by one thread at a time.
 */
final class WalMeta {

    static final String FILE = "wal.meta";

    /** How far the bound is raised at a time. */
    static final long RESERVE = 1L << 32;

    private static final Logger log = LoggerFactory.getLogger(WalMeta.class);
    private static final long MAGIC = 0x4154454D52494557L;
    private static final int SLOT_BYTES = 512;
    private static final int CRC_AT = 40;

    private final WalFileSystem files;
    private final UUID walId;
    private long generation;
    private long bound;
    private boolean found;

    private WalMeta(WalFileSystem files, UUID walId, long generation, long bound, boolean found) {
        this.files = files;
        this.walId = walId;
        this.generation = generation;
        this.bound = bound;
        this.found = found;
    }

    /** A log that has no readable meta file; nothing is written before {@link #reserve}. */
    static WalMeta missing(WalFileSystem files, UUID walId) {
        return new WalMeta(files, walId, 0, 1, false);
    }

    /** What the directory says, or null when it says nothing readable. */
    static @Nullable WalMeta read(WalFileSystem files) {
        WalMeta best = null;
        ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try {
            if (!files.exists(FILE)) {
                return null;
            }
            try (WalFile file = files.open(FILE)) {
                for (int i = 0; i < 2; i++) {
                    slot.clear();
                    int n = 0;
                    for (int at = i * SLOT_BYTES; n >= 0 && slot.hasRemaining(); at += n) {
                        n = file.read(slot, at);
                    }
                    if (slot.position() >= CRC_AT + 4 && slot.getLong(0) == MAGIC && slot.getInt(CRC_AT) == crc(slot)) {
                        UUID walId = new UUID(slot.getLong(8), slot.getLong(16));
                        long generation = slot.getLong(24);
                        if (best == null || generation > best.generation) {
                            best = new WalMeta(files, walId, generation, slot.getLong(32), true);
                        }
                    }
                }
            }
        } catch (IOException e) {
            log.warn("the meta file of the write-ahead log cannot be read", e);
        }
        return best;
    }

    UUID walId() {
        return walId;
    }

    /** No sequence number at or above this was ever given out. */
    long bound() {
        return bound;
    }

    /** Makes sure that {@code next} and at least the numbers of one more segment may be given out. */
    void reserve(long next) throws IOException {
        if (!found || next > bound - RESERVE / 2) {
            store(next + RESERVE);
        }
    }

    /** After a clean stop: {@code next} is the next sequence number, nothing was lost. */
    void close(long next) throws IOException {
        if (found && bound > next) {
            store(next);
        }
    }

    private void store(long newBound) throws IOException {
        ByteBuffer slot = ByteBuffer.allocate(SLOT_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        slot.putLong(MAGIC);
        FrameFormat.putUuid(slot, walId);
        slot.putLong(generation + 1).putLong(newBound);
        slot.putInt(CRC_AT, crc(slot)).rewind();
        boolean existed = files.exists(FILE);
        try (WalFile file = existed ? files.open(FILE) : files.create(FILE)) {
            if (!existed) {
                FrameOutput.writeFully(file, ByteBuffer.allocate(2 * SLOT_BYTES), 0);
            }
            FrameOutput.writeFully(file, slot, (generation + 1) % 2 * SLOT_BYTES);
            file.sync(true);
        }
        if (!found) {
            files.syncDirectory();
        }
        generation++;
        bound = newBound;
        found = true;
    }

    private static int crc(ByteBuffer slot) {
        CRC32C crc = new CRC32C();
        crc.update(slot.duplicate().limit(CRC_AT).position(0));
        return (int) crc.getValue();
    }
}
