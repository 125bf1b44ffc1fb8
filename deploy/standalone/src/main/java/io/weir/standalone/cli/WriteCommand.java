package io.weir.standalone.cli;

import io.weir.standalone.cli.client.LineChunks;
import io.weir.standalone.cli.client.LineInput;
import io.weir.standalone.cli.client.LineProtocolUpload;
import io.weir.standalone.cli.client.UploadReport;
import io.weir.standalone.cli.client.WriteTarget;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir write}: sends a file of line protocol to a server. */
@Command(
        name = "write",
        description = "Write a file of line protocol, plain or gzip, to a server.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir write readings.lp --db plant",
            "  weir write day.lp.gz --precision s",
            "  printf 'room,floor=2 temp_c=21.5\\n' | weir write -",
        })
final class WriteCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final InputStream standardInput;

    @Parameters(paramLabel = "FILE", description = "The file, or - for standard input.")
    private String file = "-";

    @Mixin
    private ClientOptions client = new ClientOptions();

    @Option(
            names = "--precision",
            paramLabel = "UNIT",
            defaultValue = "",
            description = "Unit of the timestamps: ns, us, ms or s (default: told from their size).")
    private String precision = "";

    @Option(
            names = "--endpoint",
            paramLabel = "PATH",
            defaultValue = WriteTarget.DEFAULT_ENDPOINT,
            description =
                    "Write endpoint (default: ${DEFAULT-VALUE}); also /write, /api/v2/write, /api/v1/write/line-protocol.")
    private String endpoint = WriteTarget.DEFAULT_ENDPOINT;

    @Option(
            names = "--batch-lines",
            paramLabel = "N",
            defaultValue = "5000",
            description = "Most lines in one request (default: ${DEFAULT-VALUE}).")
    private int batchLines = 5_000;

    @Option(names = "--all-or-nothing", description = "Refuse a whole request, and stop, when one of its lines is bad.")
    private boolean allOrNothing;

    WriteCommand(Terminal terminal, InputStream standardInput) {
        this.terminal = terminal;
        this.standardInput = standardInput;
    }

    @Override
    public Integer call() throws IOException {
        if (batchLines < 1) {
            throw CommandFailure.usage("--batch-lines " + batchLines + " is too few (expected: 1 or more)");
        }
        WriteTarget target = new WriteTarget(endpoint, client.database(), precision, allOrNothing);
        LineProtocolUpload upload = new LineProtocolUpload(client.connect(), target);
        try (LineInput input = open()) {
            UploadProgress progress = new UploadProgress(terminal, input);
            UploadReport report = progress.follow(upload, new LineChunks(input.lines(), batchLines, 1 << 20));
            return conclude(report, progress.elapsed());
        }
    }

    private LineInput open() {
        return file.equals("-")
                ? LineInput.ofStream("standard input", standardInput, -1)
                : LineInput.ofFile(Path.of(file));
    }

    private int conclude(UploadReport report, Duration elapsed) {
        long rows = report.storedPoints();
        terminal.out()
                .println(Figures.count(rows, "row") + " written in " + Figures.duration(elapsed) + " ("
                        + Figures.count(Figures.perSecond(rows, elapsed)) + " rows/s).");
        if (report.refusedPoints() == 0) {
            return ExitCode.OK;
        }
        terminal.err()
                .println("Weir refused " + Figures.count(report.refusedPoints(), "line") + ":" + report.errorLines());
        return ExitCode.REFUSED;
    }
}
