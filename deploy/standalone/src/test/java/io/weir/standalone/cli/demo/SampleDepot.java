package io.weir.standalone.cli.demo;

/** One depot of the sample: its place, its weather and its meters. */
final class SampleDepot {

    final String name;
    final double lat;
    final double lon;
    final double meanCelsius;
    private final Noise noise;

    SampleDepot(String name, double lat, double lon, double meanCelsius, long seed) {
        this.name = name;
        this.lat = lat;
        this.lon = lon;
        this.meanCelsius = meanCelsius;
        this.noise = new Noise(seed);
    }

    /** The depot's line for a minute of the day in which {@code docked} trucks stand at its docks. */
    String line(int minute, int docked, long seconds) {
        boolean day = minute >= 5 * 60 && minute < 20 * 60;
        double dock = 7 + 0.2 * (Noise.ambient(meanCelsius, minute) - 7) + noise.around(0.1);
        double power = 18 + (day ? 22 : 4) + 6.5 * docked + noise.around(1.2);
        return new LineBuilder("depot,region=" + name)
                .decimal("dock_temp_c", dock, 1)
                .decimal("power_kw", power, 1)
                .integer("trucks_docked", docked)
                .at(seconds);
    }
}
