package io.weir.ingest.buffer;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * What it costs to keep the deadlines of so many measurements: one falls due, is taken, and comes back with a later
 * deadline. {@code scan} is the way not taken, which looks at every measurement to find those that are due.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class DeadlineQueueBenchmark {

    @Param({"100", "10000", "100000"})
    public int measurements;

    private final DeadlineQueue<Integer> queue = new DeadlineQueue<>();
    private final Map<Integer, Long> deadlines = new HashMap<>();
    private final SplittableRandom random = new SplittableRandom(7);
    private long now;

    @Setup
    public void fill() {
        for (int i = 0; i < measurements; i++) {
            queue.offerIfAbsent(i, i);
            deadlines.put(i, (long) i);
        }
    }

    @Benchmark
    public Integer heap() {
        Integer due = queue.pollDue(++now + measurements); // the earliest, whenever it is due
        if (due == null) {
            throw new IllegalStateException("nothing was due at " + now);
        }
        queue.offerIfAbsent(due, now + measurements + random.nextInt(8) - 8);
        return due;
    }

    @Benchmark
    public Integer scan() {
        int earliest = -1;
        long earliestDeadline = Long.MAX_VALUE;
        for (Map.Entry<Integer, Long> entry : deadlines.entrySet()) {
            if (entry.getValue() < earliestDeadline) {
                earliest = entry.getKey();
                earliestDeadline = entry.getValue();
            }
        }
        now++;
        deadlines.put(earliest, now + measurements + random.nextInt(8) - 8);
        return earliest;
    }
}
