package io.weir.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Resident memory of a process over time, and how it grows. What comes in the first third of the time is left out: a server that
 * begins to work takes what it is allowed to. Thread-safe.
 */
final class MemoryTrend {

    private static final double SECONDS_AN_HOUR = 3_600;

    private record Sample(double seconds, double megabytes) {}

    private final List<Sample> samples = new ArrayList<>();

    /** Adds what was in use that many seconds after the beginning; in order. */
    synchronized void add(double seconds, double megabytes) {
        samples.add(new Sample(seconds, megabytes));
    }

    /** Adds what that process of this machine has now. */
    void addNow(double seconds, long pid) {
        try {
            String line = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(one -> one.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            add(seconds, Long.parseLong(line.replaceAll("\\D+", "")) / 1024.0);
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " is not there any more", e);
        }
    }

    /** Growth in MB an hour: the slope of the line that fits best. 0 before there are three samples. */
    synchronized double megabytesAnHour() {
        List<Sample> settled = settled();
        if (settled.size() < 3) {
            return 0;
        }
        double time = settled.stream().mapToDouble(Sample::seconds).average().orElseThrow();
        double memory =
                settled.stream().mapToDouble(Sample::megabytes).average().orElseThrow();
        double above = 0;
        double below = 0;
        for (Sample sample : settled) {
            above += (sample.seconds - time) * (sample.megabytes - memory);
            below += (sample.seconds - time) * (sample.seconds - time);
        }
        return above / below * SECONDS_AN_HOUR;
    }

    /** How much more there was at the end than a third of the time in, MB, each the mean of a tenth of the samples. */
    synchronized double growthMegabytes() {
        List<Sample> settled = settled();
        int few = Math.max(1, settled.size() / 10);
        if (settled.size() < 2 * few) {
            return 0;
        }
        return mean(settled.subList(settled.size() - few, settled.size())) - mean(settled.subList(0, few));
    }

    /** The most there ever was, MB. */
    synchronized double peakMegabytes() {
        return samples.stream().mapToDouble(Sample::megabytes).max().orElse(0);
    }

    private List<Sample> settled() {
        if (samples.isEmpty()) {
            return List.of();
        }
        double from = samples.get(samples.size() - 1).seconds / 3;
        return samples.stream().filter(sample -> sample.seconds >= from).toList();
    }

    private static double mean(List<Sample> some) {
        return some.stream().mapToDouble(Sample::megabytes).average().orElseThrow();
    }
}
