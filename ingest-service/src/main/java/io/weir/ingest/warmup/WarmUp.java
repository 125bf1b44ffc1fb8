package io.weir.ingest.warmup;

import io.weir.common.schedule.WeirSchedulers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Practice before the first request: two connections write made-up rows to a {@link PracticeServer} until the virtual
 * machine has loaded and compiled the write path, or a time is over. Nothing of it is kept, and nothing of the server's
 * own data is touched. A practice that fails is logged; the start goes on without it.
 */
public final class WarmUp {

    private static final Logger LOG = LoggerFactory.getLogger(WarmUp.class);
    private static final int CONNECTIONS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Each pass over the bodies has a connection and a database of its own: what happens first is practised too. */
    private static final String DATABASE = "practice";

    private final WarmUpSettings settings;
    private final WeirSchedulers schedulers;
    private final Path work;

    /**
     * A practice not yet begun.
     *
     * @param work directory for files that need not survive; practice makes and removes a directory in it
     */
    public WarmUp(WarmUpSettings settings, WeirSchedulers schedulers, Path work) {
        this.settings = settings;
        this.schedulers = schedulers;
        this.work = work;
    }

    /**
     * Practises, at most for as long as the settings say. Blocks; never fails.
     *
     * @return practice writes that were answered
     */
    public long run() {
        if (settings.duration().isZero()) {
            return 0;
        }
        long deadline = System.nanoTime() + settings.duration().toNanos();
        Path directory = work.resolve("warm-up");
        try {
            Files.createDirectories(directory);
            long writes = practise(directory, deadline);
            LOG.debug("warm-up: {} writes", writes);
            return writes;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.warn("the warm-up failed; the first requests will be slow, nothing else is lost", e);
        } finally {
            remove(directory);
        }
        return 0;
    }

    private long practise(Path directory, long deadline) throws IOException, InterruptedException {
        AtomicLong writes = new AtomicLong();
        CompilerActivity compiler = new CompilerActivity();
        try (PracticeServer server = PracticeServer.open(directory, schedulers)) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                int first = i;
                Thread thread = new Thread(() -> write(server, first, deadline, compiler, writes), "weir-warm-up-" + i);
                thread.setDaemon(true);
                thread.start();
                threads.add(thread);
            }
            for (Thread thread : threads) {
                thread.join();
            }
        }
        return writes.get();
    }

    private static void write(
            PracticeServer server, int first, long deadline, CompilerActivity compiler, AtomicLong writes) {
        try {
            List<PracticeBody> bodies = PracticeBodies.all();
            int pass = 0;
            do {
                writes.addAndGet(pass(server, bodies, first, DATABASE + pass, deadline));
                pass++;
            } while (System.nanoTime() - deadline < 0 && !compiler.isQuiet());
        } catch (IOException | RuntimeException e) {
            LOG.warn("the warm-up ended early", e);
        }
    }

    /** Posts each body once, beginning with that one, over a connection of its own; ends early when the time is over. */
    private static int pass(PracticeServer server, List<PracticeBody> bodies, int first, String database, long deadline)
            throws IOException {
        try (PracticeClient client = new PracticeClient(server.address(), PATIENCE)) {
            int writes = 0;
            do {
                PracticeBody body = bodies.get((first + writes) % bodies.size());
                int status = client.post(body.target + database, body.bytes);
                if (status != 204 && status != 503) {
                    throw new IOException("a practice write was answered " + status + " (expected: 204)");
                }
                writes++;
            } while (writes < bodies.size() && System.nanoTime() - deadline < 0);
            return writes;
        }
    }

    private static void remove(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("{} is left over from the warm-up and removed at the next start", directory, e);
        }
    }
}
