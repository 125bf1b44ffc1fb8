package io.weir.common.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.weir.common.http.RequestObserver.Outcome;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Metrics that notice their own failure, and that stay bounded. REQUIREMENTS O2. */
class MetricsSelfWatchTest {

    private final CollectionErrors errors = new CollectionErrors(3);
    private final SeriesCap cap = new SeriesCap(5, 40);
    private final WatchedMeterRegistry registry = new WatchedMeterRegistry(errors, cap);
    private final AtomicBoolean broken = new AtomicBoolean(true);

    private double value() {
        if (broken.get()) {
            throw new IllegalStateException("no such pool");
        }
        return 7;
    }

    @Test
    void aMeterThatCannotBeReadSpoilsNoOtherAndIsCounted() {
        Gauge.builder("bad.gauge", this, of -> of.value()).register(registry);
        FunctionCounter.builder("bad.counter", this, of -> of.value()).register(registry);
        FunctionTimer.builder("bad.timer", this, of -> (long) of.value(), of -> of.value(), TimeUnit.SECONDS)
                .register(registry);
        Gauge.builder("good.gauge", () -> 5).register(registry);
        String text = registry.collect();
        assertThat(text).contains("good_gauge 5.0", "bad_gauge NaN");
        assertThat(errors.status().errors()).isGreaterThanOrEqualTo(3);
        assertThat(errors.status().problem()).contains("bad.", "no such pool");
    }

    @Test
    void onlyAfterSomeCollectionsInARowItIsATrouble() {
        Gauge.builder("bad.gauge", this, of -> of.value()).register(registry);
        registry.collect();
        registry.collect();
        assertThat(errors.status().ok()).isTrue();
        registry.collect();
        assertThat(errors.status().ok()).isFalse();
        assertThat(registry.collect()).contains("weir_metrics_collection_failures_in_a_row 3.0");
        broken.set(false);
        assertThat(registry.collect()).contains("bad_gauge 7.0");
        assertThat(errors.status().ok()).isTrue();
        assertThat(errors.status().failuresInARow()).isZero();
        assertThat(errors.status().problem()).isNull();
    }

    @Test
    void seriesBeyondTheCapCountTogether() {
        for (int i = 0; i < 50; i++) {
            Counter.builder("wide").tag("who", "w" + i).register(registry).increment();
        }
        String text = registry.collect();
        assertThat(text.lines().filter(line -> line.startsWith("wide_total{"))).hasSize(6);
        assertThat(text).contains("wide_total{who=\"w4\"} 1.0", "wide_total{who=\"other\"} 45.0");
        assertThat(cap.refused()).isGreaterThanOrEqualTo(45);
    }

    @Test
    void seriesThatGoMakeRoomForOthers() {
        for (int i = 0; i < 50; i++) {
            Counter counter = Counter.builder("churning").tag("room", "r" + i).register(registry);
            counter.increment();
            assertThat(registry.collect()).contains("churning_total{room=\"r" + i + "\"} 1.0");
            registry.remove(counter);
        }
        assertThat(cap.refused()).isZero();
    }

    @Test
    void theCapOfAllNamesHoldsToo() {
        for (int i = 0; i < 50; i++) {
            Counter.builder("name." + i).tag("a", "1").register(registry).increment();
        }
        assertThat(cap.size()).isEqualTo(40);
        assertThat(registry.collect()).contains("name_49_total{a=\"other\"} 1.0");
    }

    @Test
    void requestsAreTimedByRouteMethodAndOutcome() {
        RequestMetrics requests = new RequestMetrics(registry);
        requests.began();
        requests.began();
        requests.ended("POST", "/write", Outcome.SUCCESS, TimeUnit.MILLISECONDS.toNanos(3));
        assertThat(registry.collect())
                .contains(
                        "weir_http_requests_active 1.0",
                        "weir_http_requests_seconds_bucket{method=\"POST\",route=\"/write\",status=\"2xx\",le=\"0.0025\"} 0",
                        "weir_http_requests_seconds_bucket{method=\"POST\",route=\"/write\",status=\"2xx\",le=\"0.005\"} 1",
                        "weir_http_requests_seconds_count{method=\"POST\",route=\"/write\",status=\"2xx\"} 1");
        requests.ended("BREW", "/write", Outcome.GONE, 1);
        assertThat(registry.collect()).contains("method=\"other\",route=\"/write\",status=\"gone\"");
    }

    @Test
    void aStageThatIsNotBoundCostsNothingAndOneThatIsCounts() {
        StageTimer stage = new StageTimer("weir.some.stage", "a stage", "step", "one");
        stage.record(5);
        stage.bindTo(registry);
        stage.recordSince(System.nanoTime() - 200_000);
        assertThat(registry.collect()).contains("weir_some_stage_seconds_count{step=\"one\"} 1");
    }
}
