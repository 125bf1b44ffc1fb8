package io.weir.standalone.cli;

import io.weir.standalone.cli.client.ImportClient;
import io.weir.standalone.cli.client.ImportFile;
import io.weir.standalone.cli.client.ImportFormat;
import io.weir.standalone.cli.client.ImportStatus;
import io.weir.standalone.cli.client.ImportTarget;
import io.weir.standalone.cli.client.WeirHttp;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir import}: sends files to a server, which stores their rows in the background, and follows that to its end. */
@Command(
        name = "import",
        description = {
            "Import files of CSV, line protocol or Parquet, of any size, plain or compressed.",
            "",
            "Each file is sent whole, then stored by the server in the background, each row once, over crashes of the"
                    + " server too. Files are imported one after the other; the first that is refused or fails ends the"
                    + " command, bad rows do not. When the connection breaks, the command waits for the server and goes"
                    + " on. After Ctrl-C it says how to.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir import weather.csv --database lab --measurement weather --tags station",
            "  weir import day-1.lp.gz day-2.lp.gz --database plant",
            "  weir import trips.parquet --measurement trips --time-column pickup_at",
            "  zcat big.csv.gz | weir import - --format csv --measurement big",
            "  weir import --follow 0b4e7f5a-…",
            "",
            "Exit codes: 0 every row of every file is stored; 1 rows were rejected, or a file was refused, failed or was"
                    + " cancelled; 2 wrong command line; 3 no server answers",
        })
final class ImportCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final InputStream standardInput;
    private volatile @Nullable ImportWatch watch;

    @Parameters(paramLabel = "FILE", arity = "0..*", description = "The files, or - for standard input.")
    private List<String> files = List.of();

    @Mixin
    private ClientOptions client = new ClientOptions();

    @Option(
            names = {"-m", "--measurement"},
            paramLabel = "NAME",
            defaultValue = "",
            description = "Where the rows go; required with CSV and Parquet, and told by line protocol itself.")
    private String measurement = "";

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            description = "csv, lp or parquet (default: told by the ending of each file's name).")
    private @Nullable ImportFormat format;

    @Option(
            names = "--precision",
            paramLabel = "UNIT",
            defaultValue = "",
            description = "Unit of integer times: ns, us, ms or s (default: told from their size).")
    private String precision = "";

    @Option(
            names = "--time-column",
            paramLabel = "NAME",
            defaultValue = "",
            description = "CSV, Parquet: column that holds the time (default: time).")
    private String timeColumn = "";

    @Option(
            names = "--tags",
            paramLabel = "NAME",
            split = ",",
            description = "CSV, Parquet: columns that are tags, separated by commas (default: none).")
    private List<String> tags = List.of();

    @Option(
            names = "--delimiter",
            paramLabel = "CHARACTER",
            defaultValue = "",
            description = "CSV: character between values, or tab (default: a comma).")
    private String delimiter = "";

    @Option(
            names = "--all-or-nothing",
            description = "End an import at its first bad row; what is stored by then stays.")
    private boolean allOrNothing;

    @Option(
            names = "--idempotency-key",
            paramLabel = "KEY",
            defaultValue = "",
            description = "Import the file only if none was imported under this key; for one file.")
    private String key = "";

    @Option(
            names = "--follow",
            paramLabel = "ID",
            defaultValue = "",
            description = "Send nothing, but follow an import that runs.")
    private String follow = "";

    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing but failures and rejected rows.")
    private boolean quiet;

    private record Job(ImportFile file, ImportTarget target) {}

    ImportCommand(Terminal terminal, InputStream standardInput) {
        this.terminal = terminal;
        this.standardInput = standardInput;
    }

    @Override
    public Integer call() {
        List<Job> jobs = jobs();
        Thread hook = new Thread(this::explainInterruption, "weir-interrupted");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            WeirHttp http = client.connect();
            return follow.isEmpty() ? importAll(http, jobs) : followOne(http);
        } finally {
            ImportWatch last = watch;
            if (last != null) {
                last.abandon();
            }
            watch = null;
            removeHook(hook);
        }
    }

    /** What is to be imported; whatever is wrong with the command line is found here, before anything is sent. */
    private List<Job> jobs() {
        if (files.isEmpty() == follow.isEmpty()) {
            throw CommandFailure.usage("Which file? (expected: files, or - for standard input, or --follow ID)");
        }
        if (!key.isEmpty() && files.size() != 1) {
            throw CommandFailure.usage("--idempotency-key goes with one file (given: " + files.size() + ")");
        }
        if (files.stream().filter(file -> file.equals("-")).count() > 1) {
            throw CommandFailure.usage("Standard input can be read once (given: several times -)");
        }
        List<Job> jobs = new ArrayList<>();
        for (String file : files) {
            boolean standard = file.equals("-");
            ImportTarget target = target(standard ? "standard input" : file);
            jobs.add(new Job(
                    standard ? ImportFile.of("standard input", standardInput) : ImportFile.of(Path.of(file)), target));
        }
        return jobs;
    }

    private ImportTarget target(String file) {
        ImportFormat is = Optional.ofNullable(format)
                .or(() -> ImportFormat.ofName(file))
                .orElseThrow(() -> CommandFailure.usage("The format of " + file + " is not told by its name (expected:"
                        + " .csv, .lp or .parquet, perhaps .gz, .zst or .lz4 behind it, or --format)"));
        boolean columns = !(measurement + timeColumn + delimiter).isEmpty() || !tags.isEmpty();
        if (is == ImportFormat.lp && columns) {
            throw CommandFailure.usage("Line protocol names measurements, tags and times itself, so --measurement,"
                    + " --time-column, --tags and --delimiter do not go with " + file);
        }
        if (is != ImportFormat.lp && measurement.isEmpty()) {
            throw CommandFailure.usage("Where do the rows of " + file + " go? (expected: --measurement NAME)");
        }
        return new ImportTarget(
                is,
                client.database(),
                measurement,
                precision,
                timeColumn,
                String.join(",", tags),
                delimiter.equals("tab") ? "\t" : delimiter,
                allOrNothing);
    }

    private int importAll(WeirHttp http, List<Job> jobs) {
        ImportClient imports = new ImportClient(http);
        boolean complete = true;
        for (Job job : jobs) {
            String used = key.isEmpty() ? UUID.randomUUID().toString() : key;
            ImportWatch showing = ImportWatch.sending(terminal, http.address().base(), job.file(), used, quiet);
            watch = showing;
            complete &= conclude(end(imports, job, used, showing), job.file().name());
        }
        return complete ? ExitCode.OK : ExitCode.REFUSED;
    }

    private static ImportStatus end(ImportClient imports, Job job, String key, ImportWatch showing) {
        try {
            ImportStatus arrived = imports.send(job.file(), job.target(), key, showing);
            showing.arrived(arrived);
            return imports.follow(arrived, showing);
        } catch (CommandFailure e) {
            throw e.exitCode() == ExitCode.UNREACHABLE && job.file().isBegun()
                    ? CommandFailure.unreachable(e.sentence() + "\n" + showing.howToGoOn(), e)
                    : e;
        }
    }

    private int followOne(WeirHttp http) {
        ImportClient imports = new ImportClient(http);
        ImportStatus status = imports.status(follow);
        ImportWatch showing = ImportWatch.running(terminal, http.address().base(), follow, quiet);
        watch = showing;
        showing.arrived(status);
        return conclude(imports.follow(status, showing), "import " + follow) ? ExitCode.OK : ExitCode.REFUSED;
    }

    /** Says how an import ended, and whether all of its rows are stored; one that did not succeed ends the command. */
    private boolean conclude(ImportStatus end, String name) {
        watch = null;
        if (end.rowsRejected() > 0) {
            terminal.err().println("Weir rejected " + Figures.count(end.rowsRejected(), "row") + " of " + name + ":");
            end.errors()
                    .forEach(error ->
                            terminal.err().println(error.text(end.format().row())));
            long more = end.rowsRejected() - end.errors().size();
            if (more > 0) {
                terminal.err().println("  … and " + Figures.count(more) + " more");
            }
        }
        String rows = Figures.count(end.rowsStored(), "row");
        if (!end.hasSucceeded()) {
            throw CommandFailure.refused(
                    "The import of " + name + " " + ended(end) + "; " + rows + " of it are stored");
        }
        if (!quiet) {
            terminal.out()
                    .println(name + ": " + rows + " imported in " + Figures.duration(end.duration()) + " ("
                            + Figures.count(Figures.perSecond(end.rowsStored(), end.duration())) + " rows/s).");
            terminal.out().flush();
        }
        return end.rowsRejected() == 0;
    }

    private static String ended(ImportStatus end) {
        return end.failure().isEmpty() ? "was " + end.status() : end.status() + ": " + end.failure();
    }

    /** Runs when the process is told to end. */
    private void explainInterruption() {
        ImportWatch interrupted = watch;
        if (interrupted != null) {
            terminal.err().println("\nInterrupted. " + interrupted.howToGoOn());
            terminal.flush();
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already, and the hook has its say.
        }
    }
}
