package io.weir.storage.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.supervise.Supervisor;
import io.weir.storage.catalog.CatalogUpkeep;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The row of a process never says more than its queries know, whenever they begin and end. */
class ReaderPresenceTest {

    /** Removals in the catalog so far, and what the row says. */
    private long removals;

    private long row = -1;
    private boolean fails;
    private int renewals;

    /** What happens between the moment a renewal is asked for and its answer. */
    private Runnable meanwhile = () -> {};

    private final CatalogUpkeep catalog = (CatalogUpkeep) Proxy.newProxyInstance(
            CatalogUpkeep.class.getClassLoader(), new Class<?>[] {CatalogUpkeep.class}, (proxy, method, arguments) -> {
                if (method.getName().equals("endReader")) {
                    row = -1;
                    return Mono.empty();
                }
                return Mono.fromSupplier(() -> {
                    renewals++;
                    if (fails) {
                        throw new IllegalStateException("the catalog is away");
                    }
                    meanwhile.run();
                    row = (Long) arguments[1];
                    long answer = removals;
                    meanwhile.run();
                    return answer;
                });
            });

    private final ReaderPresence presence =
            new ReaderPresence(catalog, "r", Duration.ofSeconds(10), Duration.ofMinutes(2));

    /** A query: what had been removed when its snapshot was read. */
    private record Query(long removalsSeen, Runnable end) {}

    @Test
    void noQueryEverNeedsAFileThatTheRowGivesUp() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Query> running = new ArrayList<>();
        Runnable step = () -> {
            switch (random.nextInt(3)) {
                case 0 -> removals++;
                case 1 -> {
                    Runnable end = presence.pin();
                    removals += random.nextInt(2);
                    running.add(new Query(removals, end));
                }
                default -> {
                    if (!running.isEmpty()) {
                        running.remove(random.nextInt(running.size())).end().run();
                    }
                }
            }
            // Everything removed up to the row's number may be gone: no query may have read its snapshot before.
            running.forEach(query -> assertThat(row).isLessThanOrEqualTo(query.removalsSeen()));
        };
        meanwhile = step;
        presence.renew().block();
        for (int n = 0; n < 5_000; n++) {
            step.run();
            if (random.nextInt(5) == 0) {
                presence.renew().block();
            }
        }
        assertThat(presence.pinned()).isEqualTo(running.size());
        running.forEach(query -> query.end().run());
        assertThat(presence.pinned()).isZero();
        meanwhile = () -> {};
        presence.renew().block();
        presence.renew().block();
        assertThat(row).isEqualTo(removals); // an idle process holds nothing back
    }

    @Test
    void theRowIsRenewedOverFailuresUntilTheEnd() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        Supervisor supervisor = new Supervisor(List.of(presence), time, Clock.systemUTC(), new SimpleMeterRegistry());
        supervisor.start();
        assertThat(renewals).as("before any query").isEqualTo(1);
        time.advanceTimeBy(Duration.ofSeconds(30));
        assertThat(renewals).isBetween(4, 5);
        fails = true;
        time.advanceTimeBy(Duration.ofMinutes(5));
        fails = false;
        removals = 7;
        int failed = renewals;
        time.advanceTimeBy(Duration.ofSeconds(10)); // no pause is longer, however often it failed
        assertThat(renewals).isGreaterThan(failed);
        time.advanceTimeBy(Duration.ofSeconds(10)); // the next one tells what that one brought
        assertThat(row).isEqualTo(7);
        supervisor.close();
        presence.close();
        int ended = renewals;
        time.advanceTimeBy(Duration.ofSeconds(60));
        assertThat(renewals).isEqualTo(ended);
        assertThat(row).isEqualTo(-1);
        time.dispose();
    }
}
