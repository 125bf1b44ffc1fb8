package io.weir.storage.parquet;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a row costs on its way from the buffer into a data file, as the flusher takes it: cut by hour, merged, sorted, encoded,
 * written. {@code sort} is the first three alone. On a machine with other work the CPU time matters, which is printed
 * after each iteration; JMH's own figure is wall time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DataFileBenchmark {

    private static final int BATCHES = 72;
    private static final int ROWS = BATCHES * FlushedParts.BATCH_ROWS;

    @Param({"CPU", "IOT", "NOISE"})
    public FlushedParts.Shape shape;

    @Param({"ZSTD", "LZ4_RAW", "NONE"})
    public PageCompression compression;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private FlushedParts.Part part;
    private DataFileWriter writer;
    private Path file;
    private long cpuNanos;
    private long rows;
    private long bytes;

    @Setup
    public void make() throws IOException {
        part = FlushedParts.of(shape, BATCHES, 1);
        writer = new DataFileWriter(DataFileOptions.DEFAULT.withCompression(compression));
        file = Files.createTempFile("weir-benchmark", ".parquet");
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public long flush() {
        long before = threads.getCurrentThreadCpuTime();
        HourPartitions hours = HourPartitions.of(part.schema(), part.batches());
        bytes = 0;
        for (int hour = 0; hour < hours.count(); hour++) {
            bytes += writer.write(hours.sorted(hour), file, Map.of()).bytes();
        }
        cpuNanos += threads.getCurrentThreadCpuTime() - before;
        rows += ROWS;
        return bytes;
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public long sort() {
        long before = threads.getCurrentThreadCpuTime();
        HourPartitions hours = HourPartitions.of(part.schema(), part.batches());
        long series = 0;
        for (int hour = 0; hour < hours.count(); hour++) {
            series += hours.sorted(hour).series();
        }
        cpuNanos += threads.getCurrentThreadCpuTime() - before;
        rows += ROWS;
        return series;
    }

    /** A flush of one batch of ten rows: what opening and closing a file costs. Per file, not per row. */
    @Benchmark
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public long smallFile() {
        long before = threads.getCurrentThreadCpuTime();
        HourPartitions hours = HourPartitions.of(part.schema(), List.of(FlushedParts.firstRows(part, 10)));
        bytes = writer.write(hours.sorted(0), file, Map.of()).bytes();
        cpuNanos += threads.getCurrentThreadCpuTime() - before;
        rows++;
        return bytes;
    }

    @TearDown(Level.Iteration)
    public void report() {
        System.out.printf(
                " %.1f ns of CPU a row (smallFile: a file), %d bytes in the last file or part%n",
                (double) cpuNanos / rows, bytes);
        cpuNanos = 0;
        rows = 0;
    }

    @TearDown
    public void remove() throws IOException {
        writer.close();
        Files.deleteIfExists(file);
    }
}
