package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Terminal;
import io.weir.storage.check.CheckTally;
import io.weir.storage.check.Finding;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** {@code weir storage check}: compares the files in the object store with those in the catalog. */
@Command(
        name = "check",
        description = {
            "Compare the files in the object store with those in the catalog.",
            "",
            "Each file of the catalog must be in the store, with its length, a footer that can be read, and its rows; each"
                    + " old file in the store must be in the catalog. The server of the data directory must be stopped."
                    + " Nothing is changed without --repair.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir storage check --data /var/lib/weir --config weir.yaml",
            "  weir storage check --checksums --json | jq -r .key",
            "  weir storage check --repair",
            "",
            "Exit codes: 0 nothing is wrong, or all of it was repaired; 1 something is wrong; 2 it could not be checked, or"
                    + " wrong command line",
        })
final class StorageCheckCommand implements Callable<Integer> {

    private static final JsonMapper JSON = new JsonMapper();
    private static final long PROGRESS_NANOS = Duration.ofSeconds(5).toNanos();

    private final Terminal terminal;
    private final StorageChecker checker;
    private long shownNanos;

    @Mixin
    private DataOptions data = new DataOptions();

    @Option(
            names = "--checksums",
            description = "Also read whole objects, where the store has a checksum, and compare it with them.")
    private boolean checksums;

    @Option(
            names = "--repair",
            description = "Repair what can be repaired without guessing: remove orphans older than weir.orphans.grace.")
    private boolean repair;

    @Option(
            names = "--drop-missing",
            description =
                    "With --repair: drop files that the store lost from the catalog. Their rows are lost, and queries"
                            + " that fail because of them go on without.")
    private boolean dropMissing;

    @Option(names = "--json", description = "Print a JSON object for each finding, and one of the whole at the end.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print nothing but findings and failures.")
    private boolean quiet;

    StorageCheckCommand(Terminal terminal, StorageChecker checker) {
        this.terminal = terminal;
        this.checker = checker;
    }

    @Override
    public Integer call() {
        if (dropMissing && !repair) {
            throw CommandFailure.usage("--drop-missing changes the catalog (expected: together with --repair)");
        }
        StorageCheckOptions options = new StorageCheckOptions(data.options(0), checksums, repair, dropMissing);
        shownNanos = System.nanoTime();
        CheckTally tally = check(options);
        if (json) {
            terminal.out().println(JSON.writeValueAsString(summary(tally)));
        } else if (!quiet) {
            terminal.out().println(sentence(tally));
        }
        return tally.unrepaired() == 0 ? ExitCode.OK : ExitCode.REFUSED;
    }

    private CheckTally check(StorageCheckOptions options) {
        try {
            return checker.check(options, this::show);
        } catch (RuntimeException e) {
            throw CommandFailure.notChecked("The storage could not be checked: " + StartFailures.reason(e), e);
        }
    }

    private void show(List<Finding> findings, CheckTally tally) {
        findings.forEach(
                finding -> terminal.out().println(json ? JSON.writeValueAsString(object(finding)) : line(finding)));
        long now = System.nanoTime();
        if (!quiet && now - shownNanos > PROGRESS_NANOS) {
            shownNanos = now;
            terminal.out().flush();
            terminal.err()
                    .println("Checked " + Figures.count(tally.files(), "file") + " of the catalog, "
                            + Figures.bytes(tally.bytes()) + ".");
            terminal.err().flush();
        }
    }

    private static String line(Finding finding) {
        return finding.kind().label() + "  " + finding.key() + ": " + finding.detail()
                + (finding.repaired()
                        ? "; repaired"
                        : "; --repair " + finding.kind().repair());
    }

    private static Map<String, Object> object(Finding finding) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("finding", finding.kind().label());
        object.put("key", finding.key());
        object.put("detail", finding.detail());
        object.put("repair", finding.kind().repair());
        object.put("repaired", finding.repaired());
        return object;
    }

    private static Map<String, Object> summary(CheckTally tally) {
        Map<String, Long> findings = new LinkedHashMap<>();
        tally.findings().forEach((kind, count) -> findings.put(kind.label(), count));
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("files", tally.files());
        object.put("bytes", tally.bytes());
        object.put("uncommitted", tally.uncommittedObjects());
        object.put("awaitingRemoval", tally.objectsAwaitingRemoval());
        object.put("findings", findings);
        object.put("unrepaired", tally.unrepaired());
        return object;
    }

    private static String sentence(CheckTally tally) {
        StringJoiner found = new StringJoiner(", ");
        tally.findings().forEach((kind, count) -> found.add(count + " " + kind.label()));
        String checked = "Checked " + Figures.count(tally.files(), "file") + " of the catalog, "
                + Figures.bytes(tally.bytes()) + ": "
                + (found.length() == 0 ? "nothing is wrong" : found + "; " + tally.unrepaired() + " not repaired")
                + ".";
        return checked
                + (tally.uncommittedObjects() == 0
                        ? ""
                        : " " + Figures.count(tally.uncommittedObjects(), "object")
                                + " may still be committed or be orphans later.")
                + (tally.objectsAwaitingRemoval() == 0
                        ? ""
                        : " " + Figures.count(tally.objectsAwaitingRemoval(), "object")
                                + " will be removed by the server.");
    }
}
