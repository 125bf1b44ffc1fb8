package io.weir.common.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** REQUIREMENTS C3: quotas are per organisation, and each moves what is served. */
class QuotasTest {

    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong(3);
    private final Quotas quotas = new Quotas(now::get);

    private void limit(OrganisationLimits limits) {
        quotas.apply(Map.of("acme", limits, "other", OrganisationLimits.NONE));
    }

    private void assertRefused(long seconds) {
        assertThatThrownBy(() -> quotas.requireWrite("acme")).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(CommonError.QUOTA_EXCEEDED);
            assertThat(e.code().status()).isEqualTo(429);
            assertThat(e.context()).containsEntry("retry_after_seconds", seconds);
        });
        quotas.requireWrite("other");
    }

    @Test
    void bytesArePaidAfterTheyCame() {
        limit(new OrganisationLimits(6_000, 0, 0, 0, 0));
        quotas.received("acme", 5_900);
        quotas.requireWrite("acme");
        quotas.received("acme", 1_100);
        quotas.received("other", 1_000_000);
        quotas.stored("acme", 1_000_000);
        assertRefused(11); // 1,000 bytes over, and then something must be left
        now.addAndGet(9 * SECOND);
        assertRefused(2);
        now.addAndGet(2 * SECOND);
        quotas.requireWrite("acme");
        assertThat(quotas.refusedWrites()).isEqualTo(2);
    }

    @Test
    void rowsArePaidAfterTheyWereStored() {
        limit(new OrganisationLimits(0, 60, 0, 0, 0));
        quotas.received("acme", 1_000_000);
        quotas.requireWrite("acme");
        quotas.stored("acme", 120);
        assertRefused(61);
        now.addAndGet(61 * SECOND);
        quotas.requireWrite("acme");
    }

    @Test
    void noDebtIsLongerThanAnHour() {
        limit(new OrganisationLimits(1, 0, 0, 0, 0));
        quotas.received("acme", Long.MAX_VALUE);
        quotas.received("acme", Long.MAX_VALUE);
        now.addAndGet(3600 * SECOND);
        quotas.requireWrite("acme");
    }

    @Test
    void queriesAreCountedWhileTheyRun() {
        limit(new OrganisationLimits(0, 0, 2, 0, 0));
        Runnable first = quotas.beginQuery("acme");
        quotas.beginQuery("acme");
        assertThatThrownBy(() -> quotas.beginQuery("acme"))
                .hasMessage("organisation acme runs 2 queries, which is as many as it may at once"
                        + " (expected: the next request in 1 s)");
        quotas.beginQuery("other");
        first.run();
        quotas.beginQuery("acme");
        assertThat(quotas.refusedQueries()).isEqualTo(1);
    }

    @Test
    void anotherLimitKeepsWhatWasUsedOfTheRest() {
        limit(new OrganisationLimits(60, 0, 1, 0, 0));
        quotas.received("acme", 1_000);
        Runnable running = quotas.beginQuery("acme");
        limit(new OrganisationLimits(60, 5, 1, 0, 0));
        assertThatThrownBy(() -> quotas.requireWrite("acme")).hasMessageContaining("60 bytes a minute");
        assertThatThrownBy(() -> quotas.beginQuery("acme")).hasMessageContaining("runs 1 queries");
        running.run();
        quotas.beginQuery("acme");
        limit(OrganisationLimits.NONE);
        quotas.requireWrite("acme");
        quotas.beginQuery("acme");
        assertThat(quotas.limits("acme")).isEqualTo(OrganisationLimits.NONE);
    }

    @Test
    void whatIsRefusedIsMetered() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new LimitMetrics(RateLimits.NONE, quotas).bindTo(registry);
        limit(new OrganisationLimits(1, 0, 1, 0, 0));
        quotas.received("acme", 10);
        assertThatThrownBy(() -> quotas.requireWrite("acme")).isInstanceOf(WeirException.class);
        quotas.beginQuery("acme");
        assertThatThrownBy(() -> quotas.beginQuery("acme")).isInstanceOf(WeirException.class);
        assertThat(registry.get("weir.limits.refused")
                        .tag("limit", "write-quota")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("weir.limits.refused")
                        .tag("limit", "query-quota")
                        .functionCounter()
                        .count())
                .isEqualTo(1);
    }

    @Test
    void aLimitIsNotNegative() {
        assertThatThrownBy(() -> new OrganisationLimits(0, -1, 0, 0, 0))
                .hasMessage("rows_per_minute is -1 (expected: 0 for any amount, or more)");
    }

    @Test
    void subscriptionsAreCountedByWhoeverHasThem() {
        quotas.requireSocket("acme", 1_000_000);
        limit(new OrganisationLimits(0, 0, 0, 2, 0));
        quotas.requireSocket("acme", 1);
        quotas.requireSocket("other", 5);
        assertThatThrownBy(() -> quotas.requireSocket("acme", 2)).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(CommonError.QUOTA_EXCEEDED);
            assertThat(e.context()).containsKey("retry_after_seconds");
        });
        assertThat(quotas.refusedSockets()).isEqualTo(1);
    }
}
