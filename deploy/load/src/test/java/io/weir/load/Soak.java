package io.weir.load;

import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.during;
import static io.gatling.javaapi.core.CoreDsl.global;
import static io.gatling.javaapi.core.CoreDsl.rampUsers;
import static io.gatling.javaapi.core.CoreDsl.scenario;

import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/**
 * Hours of ordinary work, and connections that come and go. Fails when memory grows by more than 50 MB an hour. REQUIREMENTS
 * T1, O4.
 */
public class Soak extends Simulation {

    private static final int USERS = Integer.getInteger("weir.load.users", 100);
    private static final Duration TIME = Duration.ofSeconds(Long.getLong("weir.load.seconds", 4 * 3_600));
    private static final Duration VISIT = Duration.ofSeconds(60);
    private static final double MOST_MEGABYTES_AN_HOUR = 50;

    private final Answers answers = new Answers();

    {
        ScenarioBuilder clients =
                scenario("clients").exec(during(VISIT).on(Requests.mix(answers, 85, 10, 5, Duration.ofSeconds(1))));
        ScenarioBuilder watcher = scenario("memory")
                .exec(during(TIME).on(answers.watchMemory(Duration.ofSeconds(10))))
                .exec(answers.requireFlatMemory(0, MOST_MEGABYTES_AN_HOUR));
        int visits = Math.toIntExact(Math.max(1, USERS * TIME.toSeconds() / VISIT.toSeconds()));
        setUp(clients.injectOpen(rampUsers(visits).during(TIME)), watcher.injectOpen(atOnceUsers(1)))
                .protocols(Answers.protocol())
                .assertions(global().failedRequests().count().is(0L));
    }

    @Override
    public void after() {
        answers.report("soak, " + TIME.toMinutes() + " minutes");
    }
}
