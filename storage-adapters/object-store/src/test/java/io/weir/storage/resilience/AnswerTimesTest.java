package io.weir.storage.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How long an attempt may take, learnt from those before. */
class AnswerTimesTest {

    private static final Duration MOST = Duration.ofSeconds(30);
    private static final Duration FLOOR = Duration.ofSeconds(1);

    private final AnswerTimes answers =
            new AnswerTimes(new TimeLimits(true, MOST, Duration.ofMinutes(5), 1 << 20, true, FLOOR));

    private void answer(int times, Duration time) {
        for (int n = 0; n < times; n++) {
            answers.answered(time.toNanos());
        }
    }

    @Test
    void fewCallsTellNothing() {
        answer(19, Duration.ofMillis(1));
        assertThat(answers.limit()).isEqualTo(MOST);
    }

    @Test
    void aFastStoreGetsTheFloorAndASlowOneAllTheTimeThereIs() {
        answer(256, Duration.ofMillis(3));
        assertThat(answers.limit()).isEqualTo(FLOOR);
        answer(256, Duration.ofSeconds(20));
        assertThat(answers.limit()).isEqualTo(MOST);
        answer(256, Duration.ofSeconds(2));
        assertThat(answers.limit()).isEqualTo(Duration.ofSeconds(8));
    }

    @Test
    void oneSlowCallOfThreeHundredChangesNothing() {
        answer(255, Duration.ofMillis(500));
        answer(1, Duration.ofSeconds(25));
        answer(300, Duration.ofMillis(500));
        assertThat(answers.limit()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void callsThatItEndsSoonGiveTheTimeBack() {
        answer(256, Duration.ofMillis(3));
        int ended = 0;
        while (answers.limit().compareTo(MOST) < 0) {
            answers.timedOut(answers.limit().toNanos());
            ended++;
        }
        assertThat(ended).isLessThan(12);
    }

    @Test
    void itCanBeSwitchedOff() {
        AnswerTimes fixed = new AnswerTimes(new TimeLimits(true, MOST, Duration.ofMinutes(5), 1 << 20));
        for (int n = 0; n < 300; n++) {
            fixed.answered(1);
        }
        assertThat(fixed.limit()).isEqualTo(MOST);
    }
}
