package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Terminal;
import io.weir.storage.backup.RestoreReport;
import io.weir.storage.backup.RestoreRequest;
import io.weir.storage.catalog.Restored;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir restore}: puts a backup back. */
@Command(
        name = "restore",
        description = {
            "Put a backup back into the data directory of a server that is stopped.",
            "",
            "Databases and rows that are there stay, and files that are there already are not added again. With --replace the"
                    + " backup's databases get exactly its rows. Every file is compared with its checksum, then all of them"
                    + " become visible at once; a restoration that ends before that changes nothing, and goes on where it was"
                    + " when it is started again.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir restore --from /mnt/backups/weir --data /var/lib/weir",
            "  weir restore --from s3://backups/weir --config weir.yaml --list",
            "  weir restore --from s3://backups/weir --config weir.yaml --replace --dry-run",
            "",
            "Exit codes: 0 done, 1 refused or failed: nothing was restored, 2 wrong command line",
        })
final class RestoreCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final OfflineBackups backups;

    @Mixin
    private DataOptions data = new DataOptions();

    @Option(
            names = "--from",
            required = true,
            paramLabel = "PLACE",
            description = "file:///PATH or a path, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX.")
    private String from = "";

    @Option(names = "--backup", paramLabel = "ID", description = "Which one (default: the latest).")
    private String id = "";

    @Option(names = "--list", description = "Print the ids of the backups there, oldest first, and do nothing.")
    private boolean list;

    @Option(
            names = "--replace",
            description = "Remove every row of the backup's databases that is not in the backup. No server may run over"
                    + " their catalog.")
    private boolean replace;

    @Option(names = "--dry-run", description = "Only say what would be done.")
    private boolean dryRun;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing but failures.")
    private boolean quiet;

    RestoreCommand(Terminal terminal, OfflineBackups backups) {
        this.terminal = terminal;
        this.backups = backups;
    }

    @Override
    public Integer call() {
        String place = PlaceUrl.of(from);
        ServeOptions server = data.options(0);
        CopyProgress progress = new CopyProgress(terminal, "Restoring", quiet);
        try {
            if (list) {
                List<String> ids = backups.list(server, place);
                ids.forEach(terminal.out()::println);
                return ExitCode.OK;
            }
            RestoreReport report = backups.restore(
                    server,
                    place,
                    new RestoreRequest(id, replace, dryRun),
                    tally -> progress.update(
                            tally.bytes(), tally.rows(), tally.total().bytes()));
            progress.finish();
            if (!quiet) {
                terminal.out().println(sentence(report));
            }
            return ExitCode.OK;
        } catch (RuntimeException e) {
            progress.abandon();
            throw CommandFailure.refused("Nothing was restored: " + StartFailures.reason(e), e);
        }
    }

    private String sentence(RestoreReport report) {
        Restored done = report.restored();
        return "Backup " + report.id() + " of " + report.created() + ": "
                + Figures.count(report.contents().rows(), "row") + " in "
                + Figures.count(report.contents().files(), "file") + (dryRun ? " would be" : " are") + " there, "
                + Figures.count(done.rows(), "row") + " of them restored and "
                + Figures.count(done.rowsThere(), "row") + " there before; "
                + Figures.count(done.databases(), "database") + " and "
                + Figures.count(done.measurements(), "measurement") + " made"
                + (replace
                        ? "; " + Figures.count(done.rowsRemoved(), "row") + " in "
                                + Figures.count(done.filesRemoved(), "file") + " removed"
                        : "")
                + ".";
    }
}
