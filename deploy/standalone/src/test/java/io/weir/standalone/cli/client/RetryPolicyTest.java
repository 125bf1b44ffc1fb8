package io.weir.standalone.cli.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

    private final RetryPolicy policy = new RetryPolicy(3, Duration.ofSeconds(20));

    @Test
    void theServersWordWins() {
        assertThat(policy.waitBefore(1, 503, Optional.of("7"))).contains(Duration.ofSeconds(7));
        assertThat(policy.waitBefore(2, 429, Optional.of(" 0 "))).contains(Duration.ZERO);
    }

    @Test
    void noWaitIsLongerThanTheLongest() {
        assertThat(policy.waitBefore(1, 503, Optional.of("3600"))).contains(Duration.ofSeconds(20));
    }

    @Test
    void withoutAWordTheWaitDoubles() {
        for (int retry = 1; retry <= 3; retry++) {
            long ceiling = 500L << (retry - 1);
            assertThat(policy.waitBefore(retry, 503, Optional.of("soon")).orElseThrow())
                    .isBetween(Duration.ofMillis(ceiling / 2), Duration.ofMillis(ceiling));
        }
    }

    @Test
    void otherAnswersAndTooManyTriesAreFinal() {
        assertThat(policy.waitBefore(1, 500, Optional.of("1"))).isEmpty();
        assertThat(policy.waitBefore(1, 400, Optional.empty())).isEmpty();
        assertThat(policy.waitBefore(4, 503, Optional.of("1"))).isEmpty();
    }
}
