package io.weir.storage.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Requirement Q3. */
class EngineHealthTest {

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<Long> seconds = new ArrayList<>();
    private boolean sick;
    private final EngineHealth health = new EngineHealth(time, () -> {
        seconds.add(time.now(TimeUnit.SECONDS));
        if (sick) {
            throw new SQLException("sick");
        }
    });

    @AfterEach
    void close() {
        time.dispose();
    }

    private void advance(long seconds) {
        time.advanceTimeBy(Duration.ofSeconds(seconds));
    }

    @Test
    void checksKeepTheirPaceWhileTheEngineAnswers() {
        health.start();
        advance(35);
        assertThat(seconds).containsExactly(10L, 20L, 30L);
        assertThat(health.status()).isEqualTo(new EngineStatus(true, 0));
    }

    @Test
    void failuresAreFollowedByLongerAndLongerPausesUpToAMinute() {
        sick = true;
        health.start();
        advance(260);
        assertThat(seconds).containsExactly(10L, 11L, 13L, 17L, 25L, 41L, 73L, 133L, 193L, 253L);
        assertThat(health.status()).isEqualTo(new EngineStatus(false, 10));
    }

    @Test
    void moreThanThreeFailuresInARowShowAndOneSuccessEndsThem() {
        sick = true;
        health.start();
        advance(13);
        assertThat(health.status()).isEqualTo(new EngineStatus(true, 3));
        advance(4);
        assertThat(health.status()).isEqualTo(new EngineStatus(false, 4));
        sick = false;
        advance(8);
        assertThat(health.status()).isEqualTo(new EngineStatus(true, 0));
        sick = true;
        seconds.clear();
        advance(11);
        assertThat(seconds).as("the pauses begin anew").containsExactly(35L, 36L);
    }

    @Test
    void aSuspicionIsLookedIntoAtOnceButNeverInALoop() {
        health.start();
        health.suspect();
        advance(0);
        assertThat(seconds).containsExactly(0L);
        sick = true;
        health.suspect();
        advance(0);
        for (int i = 0; i < 100; i++) {
            health.suspect();
            advance(0);
        }
        assertThat(seconds).containsExactly(0L, 0L);
        advance(1);
        assertThat(seconds).containsExactly(0L, 0L, 1L);
    }

    @Test
    void disposingEndsTheChecks() {
        health.start();
        advance(10);
        health.dispose();
        health.suspect();
        advance(100);
        assertThat(seconds).containsExactly(10L);
    }
}
