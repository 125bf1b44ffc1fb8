package io.weir.storage.parquet;

import io.weir.storage.parquet.merging.Duplicates;
import io.weir.storage.parquet.merging.FileMerge;
import io.weir.storage.parquet.merging.MergeInput;
import io.weir.storage.parquet.merging.MergeJob;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
 * What a row costs when files of a measurement are merged into one, reading and writing included. The CPU time is printed after
 * each iteration, and how large the output is beside a file of the same rows sorted at once; JMH's own figure is wall time.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FileMergeBenchmark {

    private static final int BATCHES = 72;
    private static final int ROWS = BATCHES * FlushedParts.BATCH_ROWS;

    @Param({"CPU", "IOT", "NOISE"})
    public FlushedParts.Shape shape;

    @Param({"6", "72"})
    public int files;

    @Param({"KEPT", "LAST_WINS"})
    public Duplicates duplicates;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final List<MergeInput> inputs = new ArrayList<>();
    private FlushedParts.Part part;
    private DataFileWriter writer;
    private Path folder;
    private long ideal;
    private long merged;
    private long cpuNanos;
    private long rows;

    @Setup
    public void make() throws IOException {
        part = FlushedParts.of(shape, BATCHES, 1);
        writer = new DataFileWriter(DataFileOptions.DEFAULT);
        folder = Files.createTempDirectory("weir-benchmark");
        int each = BATCHES / files;
        for (int i = 0; i < files; i++) {
            Path file = folder.resolve(i + ".parquet");
            writer.write(
                    SortedRows.all(part.schema(), part.batches().subList(i * each, (i + 1) * each)), file, Map.of());
            inputs.add(new MergeInput(file, file.toString(), (long) each * FlushedParts.BATCH_ROWS));
        }
        ideal = writer.write(SortedRows.all(part.schema(), part.batches()), folder.resolve("ideal"), Map.of())
                .bytes();
    }

    @Benchmark
    @OperationsPerInvocation(ROWS)
    public long merge() {
        long before = threads.getCurrentThreadCpuTime();
        merged = new FileMerge(writer, DataFileOptions.DEFAULT.rowGroupRows())
                .merge(new MergeJob(
                        "cpu",
                        part.schema(),
                        inputs,
                        duplicates,
                        512L << 20,
                        folder.resolve("out"),
                        Map.of(),
                        written -> {}))
                .output()
                .bytes();
        cpuNanos += threads.getCurrentThreadCpuTime() - before;
        rows += ROWS;
        return merged;
    }

    @TearDown(Level.Iteration)
    public void report() {
        System.out.printf(
                " %.1f ns of CPU a row, output %.4f of the ideal file%n",
                (double) cpuNanos / rows, (double) merged / ideal);
        cpuNanos = 0;
        rows = 0;
    }

    @TearDown
    public void remove() throws IOException {
        writer.close();
        try (Stream<Path> left = Files.list(folder)) {
            for (Path file : left.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
