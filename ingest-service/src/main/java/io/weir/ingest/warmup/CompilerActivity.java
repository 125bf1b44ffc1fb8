package io.weir.ingest.warmup;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Watches how busy the virtual machine's compilers are. Thread-safe. */
final class CompilerActivity {

    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Milliseconds of compilation in a window that do not count as work any more. */
    private static final long QUIET_MILLIS = 60;

    private final @Nullable CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    private long windowStart = System.nanoTime();
    private long compiledBefore = compiledMillis();
    private boolean quiet;

    /** Whether there was a window of a second, since this was made, with next to no compilation; where that is unknown, never. */
    synchronized boolean isQuiet() {
        long now = System.nanoTime();
        if (!quiet && now - windowStart >= WINDOW_NANOS) {
            long compiled = compiledMillis();
            quiet = compiled >= 0 && compiled - compiledBefore <= QUIET_MILLIS;
            compiledBefore = compiled;
            windowStart = now;
        }
        return quiet;
    }

    private long compiledMillis() {
        return compiler != null && compiler.isCompilationTimeMonitoringSupported()
                ? compiler.getTotalCompilationTime()
                : -1;
    }
}
