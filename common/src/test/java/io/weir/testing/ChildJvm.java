package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A Java process on a class path of its own. Closing kills it; so does the end of this process. */
public final class ChildJvm implements AutoCloseable {

    private static final long PATIENCE_MILLIS = 60_000;
    private static final long POLL_NANOS = 50_000_000;

    private final Process process;
    private final Path output;

    private ChildJvm(Process process, Path output) {
        this.process = process;
        this.output = output;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    }

    /**
     * Starts one.
     *
     * @param classPath as {@code -cp} has it
     * @param options of the JVM
     * @param command main class and its arguments
     */
    public static ChildJvm start(String classPath, List<String> options, List<String> command) {
        try {
            Path output = Files.createTempFile("child", ".log");
            List<String> all = new ArrayList<>();
            all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            all.addAll(options);
            all.addAll(List.of("-cp", classPath));
            all.addAll(command);
            return new ChildJvm(
                    new ProcessBuilder(all)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start(),
                    output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until something listens on that port of this machine. */
    public ChildJvm awaitPort(int port) {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                close();
                throw new AssertionError("the child process does not listen on " + port + ": " + output());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return this;
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Waits for its end and returns its exit code. */
    public int awaitExit() {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What it has printed so far. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
