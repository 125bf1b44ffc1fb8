package io.weir.common.observe;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.nio.DoubleBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The values of all series over the past day, for times at which nobody else looked. Bounded in age and in bytes: the oldest
 * go first. Buckets of histograms are left out. Thread-safe.
 *
 * <pre>
 *   sample ─▶ open rows (60) ─▶ SampleBlock ─▶ ring of blocks, the oldest dropped
 * </pre>
 */
final class MetricsHistory implements MeterBinder {

    private static final int ROWS_IN_A_BLOCK = 60;

    /** Series whose names are remembered; more come only with a cap that is raised far. */
    private static final int MOST_SERIES = 50_000;

    private static final int NAME_OVERHEAD_BYTES = 96;

    private final long maxBytes;
    private final long maxAgeMillis;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final Deque<SampleBlock> blocks = new ArrayDeque<>();
    private final List<double[]> openRows = new ArrayList<>();
    private final long[] openTimes = new long[ROWS_IN_A_BLOCK];
    private long bytes;
    private long openBytes;

    /**
     * A series and its values.
     *
     * @param name with its labels, as in the text format
     * @param timesMillis ascending
     * @param values as many
     */
    record Series(String name, List<Long> timesMillis, List<Double> values) {}

    MetricsHistory(MetricsSettings.History settings) {
        this.maxBytes = settings.memory().toBytes();
        this.maxAgeMillis = settings.age().toMillis();
    }

    /**
     * Remembers a sample.
     *
     * @param nowMillis later than the sample before
     * @param text metrics in the text format
     */
    synchronized void add(long nowMillis, String text) {
        double[] row = new double[names.size()];
        Arrays.fill(row, Double.NaN);
        for (String line : text.split("\n")) {
            int end = line.lastIndexOf(' ');
            if (end <= 0 || line.charAt(0) == '#' || isBucket(line)) {
                continue;
            }
            int number = number(line.substring(0, end));
            if (number < 0) {
                continue;
            }
            if (number >= row.length) {
                int before = row.length;
                row = Arrays.copyOf(row, Math.max(number + 1, before + before / 4));
                Arrays.fill(row, before, row.length, Double.NaN);
            }
            row[number] = value(line.substring(end + 1));
        }
        openTimes[openRows.size()] = nowMillis;
        openRows.add(Arrays.copyOf(row, names.size()));
        openBytes += (long) names.size() * Double.BYTES;
        if (openRows.size() == ROWS_IN_A_BLOCK) {
            seal();
        }
        dropOld(nowMillis);
    }

    private static boolean isBucket(String line) {
        int labels = line.indexOf('{');
        return labels > 0 && line.startsWith("_bucket", labels - "_bucket".length());
    }

    private int number(String series) {
        Integer known = numbers.get(series);
        if (known != null) {
            return known;
        }
        if (names.size() >= MOST_SERIES) {
            return -1;
        }
        names.add(series);
        numbers.put(series, names.size() - 1);
        bytes += 2L * series.length() + NAME_OVERHEAD_BYTES;
        return names.size() - 1;
    }

    private static double value(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private void seal() {
        if (openRows.isEmpty()) {
            return;
        }
        SampleBlock block =
                SampleBlock.pack(Arrays.copyOf(openTimes, openRows.size()), openRows.toArray(double[][]::new));
        blocks.add(block);
        bytes += block.sizeBytes();
        openRows.clear();
        openBytes = 0;
    }

    private void dropOld(long nowMillis) {
        if (bytes() > maxBytes) {
            seal();
        }
        while (!blocks.isEmpty() && (bytes() > maxBytes || blocks.getFirst().lastMillis() < nowMillis - maxAgeMillis)) {
            bytes -= blocks.removeFirst().sizeBytes();
        }
    }

    /** Memory that all of it takes. */
    synchronized long bytes() {
        return bytes + openBytes;
    }

    /** Samples that are remembered. */
    synchronized long samples() {
        long samples = openRows.size();
        for (SampleBlock block : blocks) {
            samples += block.samples();
        }
        return samples;
    }

    /** The metrics there are values of, in order, without labels. */
    synchronized List<String> metrics() {
        TreeSet<String> metrics = new TreeSet<>();
        names.forEach(name -> metrics.add(metric(name)));
        return List.copyOf(metrics);
    }

    private static String metric(String series) {
        int labels = series.indexOf('{');
        return labels < 0 ? series : series.substring(0, labels);
    }

    /**
     * The series of a metric, with values that are there.
     *
     * @param fromMillis the first time that is wanted
     * @param toMillis the first that is not
     * @param stepMillis least time between two values
     * @param most series at most
     */
    List<Series> find(String metric, long fromMillis, long toMillis, long stepMillis, int most) {
        List<SampleBlock> read;
        List<Integer> wanted = new ArrayList<>();
        List<Series> found = new ArrayList<>();
        synchronized (this) {
            for (int number = 0; number < names.size() && wanted.size() < most; number++) {
                if (metric(names.get(number)).equals(metric)) {
                    wanted.add(number);
                    found.add(new Series(names.get(number), new ArrayList<>(), new ArrayList<>()));
                }
            }
            read = new ArrayList<>(blocks);
            if (!openRows.isEmpty()) {
                read.add(
                        SampleBlock.pack(Arrays.copyOf(openTimes, openRows.size()), openRows.toArray(double[][]::new)));
            }
        }
        for (SampleBlock block : read) {
            if (block.lastMillis() >= fromMillis && block.firstMillis() < toMillis) {
                DoubleBuffer values = block.unpack();
                for (int i = 0; i < wanted.size(); i++) {
                    if (wanted.get(i) < block.series()) {
                        take(block, values, wanted.get(i), found.get(i), fromMillis, toMillis, stepMillis);
                    }
                }
            }
        }
        found.removeIf(series -> series.values().isEmpty());
        return found;
    }

    private static void take(
            SampleBlock block,
            DoubleBuffer values,
            int number,
            Series into,
            long fromMillis,
            long toMillis,
            long stepMillis) {
        for (int row = 0; row < block.samples(); row++) {
            long time = block.timeMillis(row);
            double value = values.get(number * block.samples() + row);
            List<Long> taken = into.timesMillis();
            boolean due = taken.isEmpty() || time - taken.get(taken.size() - 1) >= stepMillis;
            if (time >= fromMillis && time < toMillis && due && !Double.isNaN(value)) {
                taken.add(time);
                into.values().add(value);
            }
        }
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.metrics.history", this, MetricsHistory::bytes)
                .description("memory of the history of metrics")
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("weir.metrics.history.samples", this, MetricsHistory::samples)
                .description("samples in the history of metrics")
                .register(registry);
    }
}
