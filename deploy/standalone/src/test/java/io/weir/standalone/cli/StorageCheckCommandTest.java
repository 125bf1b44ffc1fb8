package io.weir.standalone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.standalone.cli.terminal.Terminal;
import io.weir.storage.check.CheckTally;
import io.weir.storage.check.Finding;
import io.weir.storage.check.FindingKind;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What {@code weir storage check} asks for, prints, and ends with. */
class StorageCheckCommandTest {

    private static final Finding ORPHAN =
            new Finding(FindingKind.ORPHAN, "a/b.parquet", "the catalog knows no such file", false);
    private static final Finding REMOVED =
            new Finding(FindingKind.ORPHAN, "a/c.parquet", "the catalog knows no such file", true);

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<StorageCheckOptions> asked = new ArrayList<>();
    private final List<Finding> found = new ArrayList<>();

    private int run(String... arguments) {
        return run(
                (options, findings) -> {
                    asked.add(options);
                    CheckTally tally = CheckTally.of(3, 2_048, found);
                    findings.accept(found, tally);
                    return tally;
                },
                arguments);
    }

    private int run(StorageChecker checker, String... arguments) {
        Terminal terminal = new Terminal(new PrintWriter(out), new PrintWriter(err), false, false);
        int exitCode = CommandLines.of(
                        terminal,
                        InputStream.nullInputStream(),
                        options -> {
                            throw new IllegalStateException("no server in this test");
                        },
                        checker,
                        (options, name) -> {
                            throw new IllegalStateException("no recovery in this test");
                        },
                        new NoBackups())
                .execute(arguments);
        terminal.flush();
        return exitCode;
    }

    @Test
    void nothingWrongIsExitCodeZero() {
        assertThat(run("storage", "check")).isZero();
        assertThat(out).hasToString("Checked 3 files of the catalog, 2.0 KiB: nothing is wrong.\n");
        assertThat(err.toString()).isEmpty();
        assertThat(asked)
                .containsExactly(new StorageCheckOptions(
                        new ServeOptions(0, Path.of("./data"), Optional.empty(), Map.of()), false, false, false));
    }

    @Test
    void everyOptionIsHandedOn() {
        assertThat(run(
                        "storage",
                        "check",
                        "--data",
                        "d",
                        "--set",
                        "a.b=c",
                        "--checksums",
                        "--repair",
                        "--drop-missing",
                        "-q"))
                .isZero();
        assertThat(asked)
                .containsExactly(new StorageCheckOptions(
                        new ServeOptions(0, Path.of("d"), Optional.empty(), Map.of("a.b", "c")), true, true, true));
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aFindingIsExitCodeOneAndSaysWhatARepairDoes() {
        found.add(ORPHAN);
        found.add(REMOVED);
        assertThat(run("storage", "check")).isEqualTo(1);
        assertThat(out.toString().lines())
                .containsExactly(
                        "orphan  a/b.parquet: the catalog knows no such file; --repair removes it",
                        "orphan  a/c.parquet: the catalog knows no such file; repaired",
                        "Checked 3 files of the catalog, 2.0 KiB: 2 orphan; 1 not repaired.");
    }

    @Test
    void whatWasRepairedIsExitCodeZero() {
        found.add(REMOVED);
        assertThat(run("storage", "check", "--repair", "--json")).isZero();
        assertThat(out.toString().lines())
                .containsExactly(
                        "{\"finding\":\"orphan\",\"key\":\"a/c.parquet\",\"detail\":\"the catalog knows no such file\","
                                + "\"repair\":\"removes it\",\"repaired\":true}",
                        "{\"files\":3,\"bytes\":2048,\"uncommitted\":0,\"awaitingRemoval\":0,"
                                + "\"findings\":{\"orphan\":1},\"unrepaired\":0}");
    }

    @Test
    void whatCannotBeCheckedIsExitCodeTwo() {
        StorageChecker failing = (options, findings) -> {
            throw new IllegalStateException(
                    new WeirException(CommonError.CONFIGURATION, "the data directory is in use"));
        };
        assertThat(run(failing, "storage", "check")).isEqualTo(2);
        assertThat(err).hasToString("weir: The storage could not be checked: the data directory is in use\n");
        assertThat(run("storage", "check", "--drop-missing")).isEqualTo(2);
        assertThat(run("storage")).isEqualTo(2);
        assertThat(err.toString()).contains("together with --repair", "Which command? check.");
    }

    @Test
    void helpNamesEveryExitCode() {
        assertThat(run("storage", "check", "--help")).isZero();
        assertThat(out.toString()).contains("--repair", "--drop-missing", "--json", "Exit codes: 0 nothing is wrong");
    }
}
