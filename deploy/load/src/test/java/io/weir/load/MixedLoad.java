package io.weir.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.during;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/**
 * 1,000 clients for five minutes, each with a connection of its own: devices that report every few seconds and people that look.
 * No answer but success and backpressure, little of that, and memory that is flat. REQUIREMENTS T2.
 */
public class MixedLoad extends Simulation {

    private static final int USERS = Integer.getInteger("weir.load.users", 1_000);
    private static final Duration RAMP = Duration.ofSeconds(20);
    private static final double MOST_GROWTH_MEGABYTES = 100;

    private final Answers answers = new Answers();

    {
        ScenarioBuilder clients = scenario("clients")
                .exec(during(Answers.TIME).on(Requests.mix(answers, 80, 12, 8, Duration.ofSeconds(3))));
        ScenarioBuilder watcher = scenario("memory")
                .exec(during(Answers.TIME).on(answers.watchMemory(Duration.ofSeconds(2))))
                .exec(answers.requireFlatMemory(MOST_GROWTH_MEGABYTES, 0));
        ScenarioBuilder first = scenario("first row").exec(exec(answers.orBackpressure(Requests.write(), 204)));
        setUp(first.injectOpen(atOnceUsers(1))
                        .andThen(clients.injectOpen(rampUsers(USERS).during(RAMP)), watcher.injectOpen(atOnceUsers(1))))
                .protocols(Answers.protocol())
                .assertions(
                        global().failedRequests().count().is(0L),
                        global().responseTime().percentile(99).lt(2_000));
    }

    @Override
    public void after() {
        answers.report("mixed load, " + USERS + " clients");
    }
}
