package io.weir.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A Java process on a class path of its own, with a temporary directory of its own, which goes with it. Closing kills it; so
 * does the end of this process. Of what it prints, the last
 * {@value #KEPT_BYTES} bytes are kept, so that a talkative one fills neither disk nor memory.
 */
public final class ChildJvm implements AutoCloseable {

    private static final long PATIENCE_MILLIS = 60_000;
    private static final long POLL_NANOS = 50_000_000;
    private static final int KEPT_BYTES = 64 * 1024;
    private static final long STOP_PATIENCE_SECONDS = 20;

    private final Process process;
    private final Path temporary;
    private final AtomicBoolean cleaned = new AtomicBoolean();
    private final Thread reader;
    private volatile boolean stopsWithItsInput;
    private byte[] output = new byte[0];

    private ChildJvm(Process process, Path temporary) {
        this.process = process;
        this.temporary = temporary;
        this.reader = new Thread(this::read, "child-output-" + process.pid());
        reader.setDaemon(true);
        reader.start();
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
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
            Path temporary = Files.createTempDirectory("child");
            List<String> all = new ArrayList<>();
            all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            all.add("-Djava.io.tmpdir=" + temporary);
            all.addAll(options);
            all.addAll(List.of("-cp", classPath));
            all.addAll(command);
            return new ChildJvm(
                    new ProcessBuilder(all).redirectErrorStream(true).start(), temporary);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        byte[] piece = new byte[KEPT_BYTES];
        try (InputStream printed = process.getInputStream()) {
            for (int count = printed.read(piece); count >= 0; count = printed.read(piece)) {
                keep(piece, count);
            }
        } catch (IOException killed) {
            // What came before stays.
        }
    }

    private synchronized void keep(byte[] piece, int count) {
        int old = Math.min(output.length, KEPT_BYTES - count);
        byte[] kept = Arrays.copyOfRange(output, output.length - old, output.length + count);
        System.arraycopy(piece, 0, kept, old, count);
        output = kept;
    }

    /** It stops by itself when its standard input ends, and is given some time for that before it is killed. */
    public ChildJvm stopsWithItsInput() {
        stopsWithItsInput = true;
        return this;
    }

    /** Waits until it has printed that, and nothing behind it. */
    public ChildJvm awaitOutput(String end) {
        await(() -> output().strip().endsWith(end), "print " + end);
        return this;
    }

    /** Takes that directory, which it works in, along when this process ends. */
    public void removeAtEnd(Path directory) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            close();
            process.onExit().join();
            Trees.remove(directory);
        }));
    }

    /** Waits until something listens on that port of this machine. */
    public ChildJvm awaitPort(int port) {
        await(() -> Peers.listens(port), "listen on " + port);
        return this;
    }

    private void await(BooleanSupplier done, String what) {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (!done.getAsBoolean()) {
            if (!process.isAlive() || System.nanoTime() > deadline) {
                close();
                throw new AssertionError("the child process does not " + what + ": " + output());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Waits for its end and all its output, and returns its exit code. */
    public int awaitExit() {
        try {
            int code = process.waitFor();
            reader.join();
            return code;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The last of what it has printed so far. */
    public synchronized String output() {
        return new String(output, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        if (stopsWithItsInput) {
            try {
                process.getOutputStream().close();
                process.waitFor(STOP_PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (IOException gone) {
                // Then it has no input any more.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        process.destroyForcibly().onExit().join();
        if (cleaned.compareAndSet(false, true)) {
            Trees.remove(temporary);
        }
    }
}
