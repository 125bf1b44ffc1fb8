package io.weir.standalone.cli.terminal;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Shows how far a long transfer is: a bar redrawn in place when a person watches, otherwise a plain line every few
 * seconds. For one thread.
 */
public final class Progress {

    private static final int BAR_WIDTH = 30;
    private static final long NO_ROWS = -1;
    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
    private static final long PLAIN_NANOS = Duration.ofSeconds(5).toNanos();

    private final Terminal terminal;
    private final String label;
    private final long totalBytes;
    private final long rowsBefore;
    private final LongSupplier nanoTime;
    private final long startNanos;
    private long shownNanos;
    private boolean drawn;

    /** Progress from now on; {@code totalBytes} is what will be read in all, or -1 when nobody knows. */
    public Progress(Terminal terminal, String label, long totalBytes) {
        this(terminal, label, totalBytes, 0);
    }

    /** As above, of what has {@code rowsBefore} already, which were not transferred while this watched. */
    public Progress(Terminal terminal, String label, long totalBytes, long rowsBefore) {
        this(terminal, label, totalBytes, rowsBefore, System::nanoTime);
    }

    Progress(Terminal terminal, String label, long totalBytes, long rowsBefore, LongSupplier nanoTime) {
        this.terminal = terminal;
        this.label = label;
        this.totalBytes = totalBytes;
        this.rowsBefore = rowsBefore;
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
        this.shownNanos = startNanos;
    }

    /** Tells where a transfer is that knows nothing of rows. */
    public void update(long bytes) {
        update(bytes, NO_ROWS);
    }

    /** Tells where the transfer is; shown when enough time has passed since the last time. */
    public void update(long bytes, long rows) {
        long now = nanoTime.getAsLong();
        long interval = terminal.interactive() ? REDRAW_NANOS : PLAIN_NANOS;
        if (now - shownNanos < interval && !(terminal.interactive() && !drawn)) {
            return;
        }
        shownNanos = now;
        show(bytes, rows, elapsed());
    }

    /** Shows the end and leaves the line, so that what is printed next starts on a fresh one. */
    public void finish(long bytes, long rows) {
        show(bytes, rows, elapsed());
        if (terminal.interactive()) {
            terminal.err().println();
            terminal.err().flush();
        }
    }

    /** Leaves a half-drawn bar as it is and starts a fresh line for a failure. */
    public void abandon() {
        if (terminal.interactive() && drawn) {
            terminal.err().println();
            terminal.err().flush();
        }
    }

    /** Time since this progress was made. */
    public Duration elapsed() {
        return Duration.ofNanos(nanoTime.getAsLong() - startNanos);
    }

    private void show(long bytes, long rows, Duration elapsed) {
        PrintWriter err = terminal.err();
        String figures = rows == NO_ROWS
                ? Figures.bytes(Figures.perSecond(bytes, elapsed)) + "/s"
                : Figures.count(rows, "row") + ", " + Figures.count(Figures.perSecond(rows - rowsBefore, elapsed))
                        + " rows/s";
        String share = totalBytes > 0 ? percent(bytes) + "%  " : Figures.bytes(bytes) + "  ";
        if (terminal.interactive()) {
            // Erases what a longer earlier line left behind.
            err.print("\r\u001b[K" + label + "  " + (totalBytes > 0 ? bar(bytes) + " " : "") + share + figures);
        } else {
            err.println(label + "  " + share + figures);
        }
        err.flush();
        drawn = true;
    }

    private long percent(long bytes) {
        return Math.min(100, bytes * 100 / totalBytes);
    }

    private String bar(long bytes) {
        int filled = (int) (percent(bytes) * BAR_WIDTH / 100);
        String full = terminal.unicode() ? "█" : "#";
        String empty = terminal.unicode() ? "░" : ".";
        return full.repeat(filled) + empty.repeat(BAR_WIDTH - filled);
    }
}
