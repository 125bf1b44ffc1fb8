package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.opentest4j.TestAbortedException;

/**
 * Where tests find the servers and programs they talk to, and what becomes of a test whose peer is not there: it is skipped and
 * written down, one file a peer in {@code target/missing-peers}, which the build prints at its end; on a build server
 * ({@code CI=true}) it fails, unless {@code .ci/allowed-missing} names the peer.
 */
public final class Peers {

    private static final String ALLOWED = ".ci/allowed-missing";

    private Peers() {}

    /**
     * Where a program of this machine is; without it the test does not go on.
     *
     * @param packages what to install on Debian to have it
     */
    public static Path program(String name, String packages) {
        Path program = findProgram(name)
                .orElseThrow(() ->
                        missing(name, "no such program on this machine (Debian: apt-get install " + packages + ")"));
        found(name);
        return program;
    }

    /** Where a program of this machine is, when there is one. */
    public static Optional<Path> findProgram(String name) {
        return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** The root of the source tree. */
    public static Path root() {
        Path at = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(at.resolve(".ci"))) {
            at = at.getParent();
            if (at == null) {
                throw new IllegalStateException("no directory above this one holds .ci: run tests in the source tree");
            }
        }
        return at;
    }

    /**
     * Ends the test that needs that peer.
     *
     * @param name as in {@code .ci/allowed-missing}
     * @param why what was looked for, in one line
     */
    public static RuntimeException missing(String name, String why) {
        String line = "peer " + name + " is missing, its tests are skipped: " + why;
        try {
            Path reports = Files.createDirectories(Path.of("target", "missing-peers"));
            Files.writeString(reports.resolve(name + ".txt"), line + System.lineSeparator());
            if ("true".equals(System.getenv("CI"))) {
                requireAllowed(name, Files.readAllLines(root().resolve(ALLOWED)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new TestAbortedException(line);
    }

    /** Fails unless one of the lines is the peer's name and, behind a space, a reason. */
    static void requireAllowed(String name, List<String> lines) {
        Optional<String> line = lines.stream()
                .filter(text -> text.strip().split("\\s", 2)[0].equals(name))
                .findFirst();
        if (line.isEmpty()) {
            throw new AssertionError(name + " is missing on a build server (expected: that it is there, or a line \""
                    + name + " REASON\" in " + ALLOWED + ")");
        }
        if (line.get().strip().equals(name)) {
            throw new AssertionError(
                    ALLOWED + " names " + name + " without a reason (expected: \"" + name + " REASON\")");
        }
    }

    /** Takes back what an earlier run wrote down. */
    public static void found(String name) {
        try {
            Files.deleteIfExists(Path.of("target", "missing-peers", name + ".txt"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A port nobody listens on. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether something listens on that port of this machine. */
    static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }
}
