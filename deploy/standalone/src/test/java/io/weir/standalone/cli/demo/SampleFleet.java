package io.weir.standalone.cli.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Makes the sample that ships with Weir, byte for byte the same each time. Run {@link #main} after changing it. */
final class SampleFleet {

    private static final long SEED = 20260314;
    private static final int MINUTES = 24 * 60;
    private static final int TRUCKS = 20;
    private static final int CARGO_LAG_SECONDS = 7;

    private SampleFleet() {}

    /** The whole sample, ordered by time. */
    static String lines() {
        List<SampleDepot> depots = List.of(
                new SampleDepot("hamburg", 53.5511, 9.9937, 8.0, SEED + 1),
                new SampleDepot("rotterdam", 51.9244, 4.4777, 9.5, SEED + 2),
                new SampleDepot("lyon", 45.7640, 4.8357, 13.0, SEED + 3),
                new SampleDepot("milan", 45.4642, 9.1900, 14.0, SEED + 4),
                new SampleDepot("vienna", 48.2082, 16.3738, 10.5, SEED + 5),
                new SampleDepot("poznan", 52.4064, 16.9252, 8.5, SEED + 6));
        List<SampleTruck> trucks = IntStream.rangeClosed(1, TRUCKS)
                .mapToObj(number -> new SampleTruck(number, depots.get(number % depots.size()), SEED))
                .toList();
        long midnight = Instant.parse("2026-03-14T00:00:00Z").getEpochSecond();
        StringBuilder lines = new StringBuilder(8 << 20);
        for (int minute = 0; minute < MINUTES; minute++) {
            long seconds = midnight + 60L * minute;
            for (SampleTruck truck : trucks) {
                truck.advance(minute);
                if (truck.isHeard(minute)) {
                    lines.append(truck.truckLine(seconds));
                }
            }
            for (int i = 0; i < trucks.size(); i++) {
                if (trucks.get(i).isHeard(minute)) {
                    lines.append(trucks.get(i).cargoLine(seconds + CARGO_LAG_SECONDS));
                }
            }
            for (int d = 0; d < depots.size(); d++) {
                int docked = 0;
                for (int t = 0; t < trucks.size(); t++) {
                    docked += (t + 1) % depots.size() == d && trucks.get(t).isDocked() ? 1 : 0;
                }
                lines.append(depots.get(d).line(minute, docked, seconds + 2 * CARGO_LAG_SECONDS));
            }
        }
        return lines.toString();
    }

    /** Writes the sample to the gzip file named by the first argument. */
    public static void main(String[] arguments) throws IOException {
        try (OutputStream file = Files.newOutputStream(Path.of(arguments[0]));
                OutputStream gzip = new GZIPOutputStream(file) {
                    {
                        def.setLevel(Deflater.BEST_COMPRESSION);
                    }
                }) {
            gzip.write(lines().getBytes(StandardCharsets.UTF_8));
        }
    }
}
