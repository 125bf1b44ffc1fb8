package io.weir.load;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.percent;
import static io.gatling.javaapi.core.CoreDsl.randomSwitch;
import static io.gatling.javaapi.http.HttpDsl.http;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.http.HttpRequestActionBuilder;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** The requests of the simulations: a fleet of devices that report, and people that look at it. */
final class Requests {

    private static final int DEVICES = 1_000;
    private static final int ROWS = 20;

    private Requests() {}

    /** One request after the other by chance, so many of a hundred of each kind, and a pause about as long after each. */
    static ChainBuilder mix(Answers answers, double writes, double latest, double panels, Duration pause) {
        return exec(
                randomSwitch()
                        .on(
                                percent(writes).then(answers.orBackpressure(write(), 204)),
                                percent(latest).then(answers.orBackpressure(latest(), 200)),
                                percent(panels).then(answers.orBackpressure(panel(), 200))),
                pause(pause.dividedBy(2), pause.plus(pause.dividedBy(2))));
    }

    /** A body of some rows of one device, as a gateway sends them. */
    static HttpRequestActionBuilder write() {
        return http("write").post("/write?db=load&precision=ms").body(StringBody(session -> lines()));
    }

    private static String lines() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long now = System.currentTimeMillis();
        int device = random.nextInt(DEVICES);
        StringBuilder lines = new StringBuilder();
        for (int row = 0; row < ROWS; row++) {
            lines.append("device,id=d").append(device).append(",site=s").append(device % 20);
            lines.append(" temperature=").append(random.nextInt(100, 300) / 10.0);
            lines.append(",load=").append(random.nextInt(100)).append("i,door=").append(random.nextBoolean());
            lines.append(' ').append(now - row).append('\n');
        }
        return lines.toString();
    }

    /** What one device said last. */
    static HttpRequestActionBuilder latest() {
        return query(
                "latest of a device",
                "SELECT * FROM device WHERE id = 'd%d' AND time >= now() - INTERVAL 5 MINUTES ORDER BY time DESC LIMIT"
                        + " 1");
    }

    /** A panel of a dashboard, which many look at. */
    static HttpRequestActionBuilder panel() {
        return query(
                "panel",
                "SELECT site, avg(temperature) AS t, max(load) AS l FROM device WHERE time >= now() - INTERVAL 2"
                        + " MINUTES GROUP BY site ORDER BY site");
    }

    /** A query that takes an engine thread some hundred milliseconds, whatever there is. */
    static HttpRequestActionBuilder heavy() {
        return query("heavy", "SELECT count(*) FROM range(20000000) AS r(i) WHERE hash(i + %d) % 7 = 3");
    }

    private static HttpRequestActionBuilder query(String name, String sql) {
        return http(name)
                .post("/api/v1/query")
                .header("Content-Type", "application/json")
                .body(StringBody(session -> {
                    String statement =
                            sql.replace("%d", "" + ThreadLocalRandom.current().nextInt(DEVICES));
                    return "{\"db\":\"load\",\"sql\":\"" + statement + "\"}";
                }));
    }
}
