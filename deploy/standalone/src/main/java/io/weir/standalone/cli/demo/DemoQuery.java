package io.weir.standalone.cli.demo;

import java.util.List;

/**
 * A query worth reading.
 *
 * @param question what a person would ask
 * @param sql the same for Weir, over the sample's database
 * @param technique one line on what the statement shows
 */
public record DemoQuery(String question, String sql, String technique) {

    /** The five of the demo, in the order they tell the story. */
    public static final List<DemoQuery> ALL = List.of(
            new DemoQuery(
                    "Which trucks are lowest on fuel, and where are they now?",
                    """
                    SELECT vehicle, region, time, fuel_pct, speed_kmh, lat, lon
                    FROM truck
                    QUALIFY row_number() OVER (PARTITION BY vehicle ORDER BY time DESC) = 1
                    ORDER BY fuel_pct
                    LIMIT 5""",
                    "The latest reading of each series: a window function and QUALIFY."),
            new DemoQuery(
                    "How does the fleet's day go?",
                    """
                    SELECT time_bucket(INTERVAL 3 HOUR, time) AS since,
                           count(DISTINCT vehicle) FILTER (WHERE speed_kmh > 5) AS trucks_moving,
                           round(avg(speed_kmh) FILTER (WHERE speed_kmh > 5), 1) AS avg_kmh,
                           round(sum(speed_kmh) / 60)::BIGINT AS km,
                           count(*) FILTER (WHERE door_open) AS door_open_minutes
                    FROM truck
                    GROUP BY since
                    ORDER BY since""",
                    "Time buckets, with aggregates that each look at rows of their own."),
            new DemoQuery(
                    "Is any fridge failing?",
                    """
                    WITH smoothed AS (
                      SELECT vehicle, time, avg(temp_c - setpoint_c) OVER (
                        PARTITION BY vehicle ORDER BY time
                        RANGE BETWEEN INTERVAL 30 MINUTES PRECEDING AND CURRENT ROW) AS above_c
                      FROM cargo)
                    SELECT vehicle, min(time) AS too_warm_since, count(*) AS minutes,
                           round(max(above_c), 1) AS worst_above_setpoint_c
                    FROM smoothed
                    WHERE above_c > 3
                    GROUP BY vehicle
                    ORDER BY minutes DESC""",
                    "A moving average over time tells a failure from a door that stood open."),
            new DemoQuery(
                    "Does fuel vanish while a truck is parked?",
                    """
                    WITH steps AS (
                      SELECT vehicle, region, time, speed_kmh, odometer_m,
                             fuel_pct - lag(fuel_pct, 10) OVER w AS fuel_change,
                             odometer_m - lag(odometer_m, 10) OVER w AS moved_m
                      FROM truck
                      WINDOW w AS (PARTITION BY vehicle ORDER BY time))
                    SELECT vehicle, region, max(time) AS until, round(min(fuel_change), 1) AS pct_in_10_minutes
                    FROM steps
                    WHERE moved_m = 0 AND fuel_change < -2
                    GROUP BY vehicle, region""",
                    "Each row beside an earlier one of its series: lag over a named window."),
            new DemoQuery(
                    "Where was the truck when its cargo alarm went off?",
                    """
                    SELECT cargo.time, cargo.vehicle, cargo.alarm, cargo.temp_c, cargo.setpoint_c,
                           truck.speed_kmh, truck.lat, truck.lon
                    FROM cargo
                    ASOF JOIN truck ON cargo.vehicle = truck.vehicle AND cargo.time >= truck.time
                    WHERE cargo.alarm IS NOT NULL
                    ORDER BY cargo.time
                    LIMIT 6""",
                    "Two measurements that tick at different moments, joined on the last known value."));
}
