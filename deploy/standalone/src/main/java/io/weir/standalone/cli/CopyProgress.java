package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.Progress;
import io.weir.standalone.cli.terminal.Terminal;
import org.jspecify.annotations.Nullable;

/** Shows how far a backup or a restoration is. For one thread. */
final class CopyProgress {

    private final Terminal terminal;
    private final String label;
    private final boolean quiet;
    private @Nullable Progress progress;
    private long bytes;
    private long rows;

    CopyProgress(Terminal terminal, String label, boolean quiet) {
        this.terminal = terminal;
        this.label = label;
        this.quiet = quiet;
    }

    /**
     * Files with so many bytes and rows are done.
     *
     * @param totalBytes of all files; 0 as long as nobody knows
     */
    void update(long doneBytes, long doneRows, long totalBytes) {
        if (quiet || totalBytes == 0) {
            return;
        }
        if (progress == null) {
            progress = new Progress(terminal, label, totalBytes);
        }
        bytes = doneBytes;
        rows = doneRows;
        progress.update(bytes, rows);
    }

    void finish() {
        if (progress != null) {
            progress.finish(bytes, rows);
            progress = null;
        }
    }

    /** Leaves a half-drawn line. */
    void abandon() {
        if (progress != null) {
            progress.abandon();
        }
    }
}
