package io.weir.storage.backup;

import java.util.concurrent.atomic.AtomicLong;

/** How far a backup or a restoration is. Thread-safe. */
public final class CopyTally {

    private volatile BackupContents total = BackupContents.NONE;
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong filesCopied = new AtomicLong();
    private final AtomicLong bytesCopied = new AtomicLong();

    void total(BackupContents contents) {
        total = contents;
    }

    /** A file is done. */
    void done(long itsRows, long itsBytes, boolean copied) {
        files.incrementAndGet();
        rows.addAndGet(itsRows);
        bytes.addAndGet(itsBytes);
        if (copied) {
            filesCopied.incrementAndGet();
            bytesCopied.addAndGet(itsBytes);
        }
    }

    /** What there is to do; nothing as long as that is not known. */
    public BackupContents total() {
        return total;
    }

    /** Files that are done, copied or there already. */
    public long files() {
        return files.get();
    }

    /** Their bytes. */
    public long bytes() {
        return bytes.get();
    }

    /** Their rows. */
    public long rows() {
        return rows.get();
    }

    /** Files that had to be copied. */
    public long filesCopied() {
        return filesCopied.get();
    }

    /** Their bytes. */
    public long bytesCopied() {
        return bytesCopied.get();
    }
}
