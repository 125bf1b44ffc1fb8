package io.weir.standalone.cli;

import io.weir.standalone.cli.client.BackupClient;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Terminal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir backup}: copies what a server has to another place. */
@Command(
        name = "backup",
        description = {
            "Copy a server's databases, as of now, to another place.",
            "",
            "The server goes on meanwhile: every row that it acknowledged before is in the backup. Backups at one place share"
                    + " their files, so the next one copies only what is new. With --offline the server has to be stopped, and"
                    + " this command reads its data directory itself. Tokens are not in a backup.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir backup --to /mnt/backups/weir",
            "  weir backup --to s3://backups/weir --url http://weir:8086 --token \"$TOKEN\"",
            "  weir backup --to s3://backups/weir --offline /var/lib/weir --config weir.yaml",
            "",
            "The bucket is reached by the server, with the endpoint, region and credentials of its weir.storage settings.",
            "",
            "Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 no server answers",
        })
final class BackupCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final OfflineBackups offline;

    @Mixin
    private ServerOptions server = new ServerOptions();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "PLACE",
            description = "file:///PATH or a path, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX.")
    private String to = "";

    @Option(names = "--offline", paramLabel = "DIR", description = "Data directory of a server that is stopped.")
    private @Nullable Path data;

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "With --offline: its configuration file.")
    private @Nullable Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "With --offline: one setting; may be repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing but the id of the backup, and failures.")
    private boolean quiet;

    BackupCommand(Terminal terminal, OfflineBackups offline) {
        this.terminal = terminal;
        this.offline = offline;
    }

    @Override
    public Integer call() {
        String place = PlaceUrl.of(to);
        CopyProgress progress = new CopyProgress(terminal, "Backing up", quiet);
        try {
            OfflineBackups.Made made = data == null ? online(place, progress) : offline(data, place, progress);
            progress.finish();
            terminal.out().println(quiet ? made.id() : sentence(made, place));
            return ExitCode.OK;
        } catch (RuntimeException e) {
            progress.abandon();
            throw e;
        }
    }

    private OfflineBackups.Made online(String place, CopyProgress progress) {
        if (config != null || !settings.isEmpty()) {
            throw CommandFailure.usage(
                    "--config and --set are of no use to a running server (expected: with --offline)");
        }
        return new BackupClient(server.connect()).run(place, progress::update);
    }

    private OfflineBackups.Made offline(Path directory, String place, CopyProgress progress) {
        ServeOptions options =
                new ServeOptions(ServeRole.STANDALONE, 0, directory, Optional.ofNullable(config), settings);
        try {
            return offline.backup(
                    options,
                    place,
                    tally -> progress.update(
                            tally.bytes(), tally.rows(), tally.total().bytes()));
        } catch (RuntimeException e) {
            throw CommandFailure.refused("The backup failed: " + StartFailures.reason(e), e);
        }
    }

    private static String sentence(OfflineBackups.Made made, String place) {
        return "Backup " + made.id() + " at " + place + " has "
                + Figures.count(made.contents().rows(), "row") + " of "
                + Figures.count(made.contents().measurements(), "measurement") + " of "
                + Figures.count(made.contents().databases(), "database") + " in "
                + Figures.count(made.contents().files(), "file") + ", "
                + Figures.bytes(made.contents().bytes()) + ".";
    }
}
