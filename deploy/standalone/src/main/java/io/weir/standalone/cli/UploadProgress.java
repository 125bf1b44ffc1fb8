package io.weir.standalone.cli;

import io.weir.standalone.cli.client.LineChunks;
import io.weir.standalone.cli.client.LineInput;
import io.weir.standalone.cli.client.LineProtocolUpload;
import io.weir.standalone.cli.client.UploadReport;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Progress;
import io.weir.standalone.cli.terminal.Terminal;
import java.time.Duration;

/** Shows an upload on the terminal while it runs. For one thread. */
final class UploadProgress implements LineProtocolUpload.Listener {

    private final Terminal terminal;
    private final LineInput input;
    private final Progress progress;

    UploadProgress(Terminal terminal, LineInput input) {
        this.terminal = terminal;
        this.input = input;
        this.progress = new Progress(terminal, input.name(), input.totalBytes());
    }

    /** Runs the upload to its end. */
    UploadReport follow(LineProtocolUpload upload, LineChunks chunks) {
        boolean done = false;
        try {
            UploadReport report = upload.send(chunks, input.isGzip(), this);
            progress.finish(input.readBytes(), report.storedPoints());
            done = true;
            return report;
        } finally {
            if (!done) {
                progress.abandon();
            }
        }
    }

    Duration elapsed() {
        return progress.elapsed();
    }

    @Override
    public void advanced(UploadReport soFar) {
        progress.update(input.readBytes(), soFar.storedPoints());
    }

    @Override
    public void waiting(String sentence, Duration wait) {
        progress.abandon();
        terminal.err().println("Weir has no room now (" + sentence + "); trying again in " + Figures.duration(wait));
        terminal.err().flush();
    }
}
