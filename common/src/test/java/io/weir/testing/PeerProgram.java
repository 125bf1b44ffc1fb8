package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A program of this machine that a test needs to talk to, such as a broker. Where it is missing the test is skipped, loudly;
 * on a build server ({@code CI=true}) that is a failure, unless {@code .ci/allowed-missing} names the program and a reason.
 */
public final class PeerProgram {

    private PeerProgram() {}

    /**
     * Where the program is; without it the test does not go on.
     *
     * @param packages what to install on Debian to have it
     */
    public static Path require(String program, String packages) {
        Optional<Path> found = find(program);
        if (found.isEmpty()) {
            String missing =
                    "SKIPPED: there is no " + program + " on this machine, so what needs it is not tested (Debian:"
                            + " apt-get install " + packages + ")";
            System.err.println(missing);
            if ("true".equals(System.getenv("CI"))) {
                requireAllowed(program, allowedMissing());
            }
            Assumptions.abort(missing);
        }
        return found.orElseThrow();
    }

    static Optional<Path> find(String program) {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Fails unless one of the lines is the program's name and, behind a space, a reason. */
    static void requireAllowed(String program, List<String> lines) {
        Optional<String> line = lines.stream()
                .filter(text -> text.strip().split("\\s", 2)[0].equals(program))
                .findFirst();
        if (line.isEmpty()) {
            throw new AssertionError(
                    program + " is missing on a build server (expected: that it is installed, or a line \"" + program
                            + " REASON\" in .ci/allowed-missing)");
        }
        if (line.get().strip().equals(program)) {
            throw new AssertionError(".ci/allowed-missing names " + program + " without a reason (expected: \""
                    + program + " REASON\")");
        }
    }

    /** The lines of the project's list; none when there is no list. */
    static List<String> allowedMissing() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path list = folder.resolve(".ci").resolve("allowed-missing");
            if (Files.isRegularFile(list)) {
                try {
                    return Files.readAllLines(list);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return List.of();
    }
}
