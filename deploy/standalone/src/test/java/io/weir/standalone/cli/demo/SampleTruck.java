package io.weir.standalone.cli.demo;

/**
 * One truck of the sample, moved on minute by minute: it loads, drives out, unloads, drives home, and parks at night. Two
 * trucks have a story to be found by queries: the fridge of truck-17 fails at noon, and truck-09 loses fuel while parked.
 */
final class SampleTruck {

    private static final double KM_PER_DEGREE = 111.0;
    private static final double TANK_LITRES = 600;
    private static final int FRIDGE_FAILS = 12 * 60 + 20;
    private static final int FRIDGE_REPAIRED = 17 * 60 + 5;
    private static final int SIPHON_FROM = 2 * 60 + 37;
    private static final int SIPHON_TO = 2 * 60 + 49;

    private enum Phase {
        PARKED,
        LOADING,
        OUTBOUND,
        UNLOADING,
        HOMEBOUND
    }

    private final int number;
    private final SampleDepot depot;
    private final String tags;
    private final Noise noise;
    private final double setpoint;
    private final double litresPerKm;
    private int trips;
    private Phase phase = Phase.PARKED;
    private int phaseEnds;
    private double heading;
    private double kmOut;
    private double odometer;
    private double fuel;
    private double engine;
    private double cargo;
    private double humidity = 78;
    private double speed;
    private int minutesTooWarm;

    SampleTruck(int number, SampleDepot depot, long seed) {
        this.number = number;
        this.depot = depot;
        this.noise = new Noise(seed * 1_000 + number);
        String model = number % 3 == 0 ? "rigid-18t" : number % 3 == 1 ? "rigid-26t" : "artic-40t";
        this.tags = ",model=" + model + ",region=" + depot.name + ",vehicle=" + name();
        this.litresPerKm = number % 3 == 0 ? 0.21 : number % 3 == 1 ? 0.26 : 0.32;
        this.setpoint = number % 4 == 0 ? -18 : number % 4 == 3 ? 5 : 2;
        this.phaseEnds = noise.whole(4 * 60 + 15, 7 * 60);
        this.trips = noise.whole(2, 3);
        this.odometer = noise.between(80_000, 620_000);
        this.fuel = noise.between(48, 96);
        this.engine = Noise.ambient(depot.meanCelsius, 0) + 1;
        this.cargo = setpoint;
    }

    /** Moves on to {@code minute} of the day. */
    void advance(int minute) {
        if (minute >= phaseEnds) {
            startNextPhase(minute);
        }
        drive();
        burn(minute);
        cool(minute);
    }

    /** Whether the truck stands at its depot's dock. */
    boolean isDocked() {
        return phase == Phase.PARKED || phase == Phase.LOADING;
    }

    /** Whether its readings got through: truck-05 passes a stretch without coverage. */
    boolean isHeard(int minute) {
        return number != 5 || minute < 9 * 60 + 12 || minute >= 9 * 60 + 43;
    }

    /** The truck's line for the minute reached. */
    String truckLine(long seconds) {
        return new LineBuilder("truck" + tags)
                .decimal("speed_kmh", speed, 1)
                .decimal("engine_temp_c", engine, 1)
                .decimal("fuel_pct", fuel, 1)
                .decimal("lat", depot.lat + kmOut * StrictMath.cos(heading) / KM_PER_DEGREE, 4)
                .decimal("lon", depot.lon + kmOut * StrictMath.sin(heading) / (KM_PER_DEGREE * 0.66), 4)
                .bool("door_open", isDoorOpen())
                .integer("odometer_m", StrictMath.round(odometer * 1_000))
                .at(seconds);
    }

    /** The cargo's line for the minute reached; the recorder ticks a few seconds after the engine's. */
    String cargoLine(long seconds) {
        LineBuilder line = new LineBuilder("cargo,vehicle=" + name())
                .decimal("temp_c", cargo, 2)
                .decimal("humidity_pct", humidity, 1)
                .decimal("setpoint_c", setpoint, 1);
        if (minutesTooWarm >= 15 && minutesTooWarm % 15 == 0) {
            line.text("alarm", cargo > setpoint + 8 ? "temperature critical" : "temperature high");
        }
        return line.at(seconds);
    }

    private String name() {
        return "truck-" + (number < 10 ? "0" : "") + number;
    }

    private boolean isDoorOpen() {
        return phase == Phase.LOADING || phase == Phase.UNLOADING;
    }

    private void startNextPhase(int minute) {
        phase = switch (phase) {
            case PARKED -> trips > 0 ? Phase.LOADING : Phase.PARKED;
            case LOADING -> Phase.OUTBOUND;
            case OUTBOUND -> Phase.UNLOADING;
            case UNLOADING -> Phase.HOMEBOUND;
            case HOMEBOUND -> Phase.PARKED;
        };
        switch (phase) {
            case PARKED -> {
                trips--;
                kmOut = 0;
                fuel = fuel < 35 ? 97 : fuel;
                phaseEnds = minute + (trips > 0 ? noise.whole(15, 50) : 1440);
            }
            case LOADING -> phaseEnds = minute + noise.whole(9, 17);
            case OUTBOUND -> {
                heading = noise.between(0, 2 * StrictMath.PI);
                phaseEnds = minute + noise.whole(55, 135);
            }
            case UNLOADING -> phaseEnds = minute + noise.whole(7, 14);
            case HOMEBOUND -> phaseEnds = 1440 * 2;
        }
    }

    private void drive() {
        boolean moving = phase == Phase.OUTBOUND || phase == Phase.HOMEBOUND;
        double cruise = kmOut < 8 ? 46 : 81;
        double target = moving ? StrictMath.max(12, cruise + noise.around(5)) : 0;
        speed = moving ? speed + 0.55 * (target - speed) : 0;
        double km = speed / 60;
        odometer += km;
        kmOut += phase == Phase.OUTBOUND ? km : -km;
        if (phase == Phase.HOMEBOUND && kmOut <= 0.3) {
            kmOut = 0;
            phaseEnds = 0;
        }
    }

    private void burn(int minute) {
        double litres = speed / 60 * litresPerKm + (phase == Phase.PARKED ? 0.01 : 0.03);
        fuel -= litres / TANK_LITRES * 100;
        if (number == 9 && minute >= SIPHON_FROM && minute < SIPHON_TO) {
            fuel -= 1.4;
        }
        double ambient = Noise.ambient(depot.meanCelsius, minute);
        engine += speed > 0 ? 0.12 * (89 + noise.around(1.5) - engine) : 0.012 * (ambient - engine);
    }

    private void cool(int minute) {
        boolean failed = number == 17 && minute >= FRIDGE_FAILS && minute < FRIDGE_REPAIRED;
        double ambient = Noise.ambient(depot.meanCelsius, minute);
        double inward = (ambient - cargo) * (isDoorOpen() ? 0.022 : 0.008);
        double fridge = failed ? 0 : 0.14 * (setpoint - cargo) - 0.008 * (ambient - setpoint);
        cargo += inward + fridge + noise.around(0.06);
        humidity += 0.1 * ((isDoorOpen() ? 90 : 78) + (failed ? 9 : 0) - humidity) + noise.around(0.3);
        minutesTooWarm = cargo > setpoint + 4 ? minutesTooWarm + 1 : 0;
    }
}
