package io.weir.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.details;
import static io.gatling.javaapi.core.CoreDsl.during;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.pause;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/**
 * Far more heavy queries at once than there are sessions. Each is answered, by its result or by 503 within the time that a query
 * may wait; the server goes on answering whether it is alive, and takes writes. REQUIREMENTS Q2, T2, T4; LESSONS 60, 63.
 */
public class PoolExhaustion extends Simulation {

    private static final int USERS = Integer.getInteger("weir.load.users", 400);
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("weir.load.seconds", 60));

    private final Answers answers = new Answers();

    {
        ScenarioBuilder askers = scenario("askers")
                .exec(during(TIME).on(answers.orBackpressure(Requests.heavy(), 200), pause(Duration.ofMillis(500))));
        ScenarioBuilder device = scenario("device")
                .exec(during(TIME).on(answers.orBackpressure(Requests.write(), 204), pause(Duration.ofMillis(200))));
        ScenarioBuilder probe = scenario("probe")
                .exec(during(TIME)
                        .on(
                                exec(http("alive").get("/health/liveness").check(status().is(200))),
                                pause(Duration.ofMillis(500))));
        setUp(
                        askers.injectOpen(rampUsers(USERS).during(5)),
                        device.injectOpen(atOnceUsers(5)),
                        probe.injectOpen(atOnceUsers(1)))
                .protocols(Answers.protocol())
                .assertions(
                        global().failedRequests().count().is(0L),
                        details("heavy").responseTime().max().lt(30_000),
                        details("alive").responseTime().percentile(99).lt(2_000));
    }

    @Override
    public void after() {
        answers.report("pool exhaustion, " + USERS + " clients");
        if (answers.refused() == 0) {
            throw new IllegalStateException("no query was refused: more clients are needed to exhaust the pool");
        }
    }
}
