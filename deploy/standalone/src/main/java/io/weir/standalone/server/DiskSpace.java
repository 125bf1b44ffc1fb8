package io.weir.standalone.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.util.unit.DataSize;

/** The room that the file system of the data directory has left. Thread-safe. */
final class DiskSpace implements MeterBinder {

    private final Path directory;
    private final DataSize least;
    private volatile long freeBytes;
    private volatile long totalBytes;

    /** The space around that directory; less than {@code least} is a problem. */
    DiskSpace(Path directory, DataSize least) {
        this.directory = directory;
        this.least = least;
    }

    /** Looks at the disk, and says what is wrong with it; empty when nothing is. May wait for the disk. */
    String problem() {
        try {
            FileStore store = Files.getFileStore(directory);
            freeBytes = store.getUsableSpace();
            totalBytes = store.getTotalSpace();
        } catch (IOException e) {
            throw new UncheckedIOException("the disk of " + directory + " cannot be asked for its space", e);
        }
        return freeBytes >= least.toBytes()
                ? ""
                : "the disk of the data directory has " + freeBytes + " bytes left (expected: at least "
                        + least.toBytes() + ", weir.health.min-free)";
    }

    /** What the latest look found. */
    Map<String, Object> detail() {
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("ok", totalBytes == 0 || freeBytes >= least.toBytes());
        detail.put("freeBytes", freeBytes);
        detail.put("totalBytes", totalBytes);
        return detail;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.disk.free", this, of -> of.freeBytes)
                .description("room left on the disk of the data directory")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("weir.disk.total", this, of -> of.totalBytes)
                .description("size of that disk")
                .baseUnit("bytes")
                .register(registry);
    }
}
