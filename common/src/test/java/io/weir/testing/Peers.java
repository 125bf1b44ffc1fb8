package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.opentest4j.TestAbortedException;

/**
 * Where tests find the servers they start, and what becomes of a test whose server is not there: it is skipped and
 * written down, one file a peer in {@code target/missing-peers}, which the build prints at its end; on a build server
 * ({@code CI=true}) it fails, unless {@code .ci/allowed-missing} names the peer.
 */
public final class Peers {

    private Peers() {}

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
                PeerProgram.requireAllowed(name, PeerProgram.allowedMissing());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new TestAbortedException(line);
    }

    /** Takes back what an earlier run wrote down. */
    static void found(String name) {
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
}
