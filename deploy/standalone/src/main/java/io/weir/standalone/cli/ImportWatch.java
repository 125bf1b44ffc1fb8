package io.weir.standalone.cli;

import io.weir.standalone.cli.client.ImportClient;
import io.weir.standalone.cli.client.ImportFile;
import io.weir.standalone.cli.client.ImportStatus;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Progress;
import io.weir.standalone.cli.terminal.Terminal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Shows one import on the terminal while its file is sent and while it runs, and knows how to go on when it is
 * left. For one thread, except {@link #howToGoOn}.
 */
final class ImportWatch implements ImportClient.Listener {

    /** Length of a file that is not sent. */
    private static final long ARRIVED = Long.MIN_VALUE;

    private final Terminal terminal;
    private final String server;
    private final String name;
    private final boolean quiet;
    private final long totalBytes;
    private @Nullable Progress progress;
    private volatile String howToGoOn;

    private ImportWatch(
            Terminal terminal, String server, String name, boolean quiet, long totalBytes, String howToGoOn) {
        this.terminal = terminal;
        this.server = server;
        this.name = name;
        this.quiet = quiet;
        this.totalBytes = totalBytes;
        this.howToGoOn = howToGoOn;
    }

    /** Watches a file that is going to be sent under that key to the server at {@code server}. */
    static ImportWatch sending(Terminal terminal, String server, ImportFile file, String key, boolean quiet) {
        return new ImportWatch(
                terminal,
                server,
                file.name(),
                quiet,
                file.bytes(),
                file.name() + " was being sent; nothing of it is imported, unless it had just arrived whole."
                        + "\nSend it again with --idempotency-key " + key + ", and it is imported once in any case.");
    }

    /** Watches an import whose file has arrived. */
    static ImportWatch running(Terminal terminal, String server, String id, boolean quiet) {
        return new ImportWatch(terminal, server, "import " + id, quiet, ARRIVED, followed(server, id));
    }

    private static String followed(String server, String id) {
        return "The server goes on with the import.\n  follow it: weir import --follow " + id + " --url " + server
                + "\n  stop it:   curl -X DELETE " + server + "/api/v1/import/" + id;
    }

    /** What to say when the command cannot stay to the end of the import. */
    String howToGoOn() {
        return howToGoOn;
    }

    @Override
    public void sending(long bytes) {
        if (!quiet) {
            if (progress == null) {
                progress = new Progress(terminal, "Sending " + name, totalBytes);
            }
            progress.update(bytes);
        }
    }

    /** The file has arrived, or was there before. */
    void arrived(ImportStatus status) {
        howToGoOn = followed(server, status.id());
        abandon();
        if (!quiet && totalBytes != ARRIVED) {
            terminal.err().println(name + " has arrived; its import is " + status.id());
            terminal.err().flush();
        }
        progress = quiet ? null : new Progress(terminal, "Importing " + name, status.bytesTotal(), status.rowsStored());
    }

    @Override
    public void running(ImportStatus status) {
        if (progress != null && status.isFinished()) {
            progress.finish(status.bytesRead(), status.rowsStored());
            progress = null;
        } else if (progress != null) {
            progress.update(status.bytesRead(), status.rowsStored());
        }
    }

    @Override
    public void waiting(String sentence, Duration wait) {
        abandon();
        if (!quiet) {
            terminal.err()
                    .println("Weir cannot go on now (" + sentence + "); trying again in " + Figures.duration(wait));
            terminal.err().flush();
        }
    }

    /** Leaves a half-drawn line, so that what is printed next starts on a fresh one. */
    void abandon() {
        if (progress != null) {
            progress.abandon();
        }
    }
}
