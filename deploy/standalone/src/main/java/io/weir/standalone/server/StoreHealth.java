package io.weir.standalone.server;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.common.health.HealthProblem;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.setup.Stores;
import io.weir.storage.upkeep.StoreOwnership;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * How the object store is, by asking it: also when nobody else does, since what has expired shows only with a call. Thread-safe.
 * LESSONS 48 is why.
 */
final class StoreHealth implements MeterBinder {

    private final Stores stores;
    private final String place;
    private final Supplier<@Nullable String> sinceStart;
    private final Clock clock;
    private volatile boolean refused;

    /**
     * The health of that store.
     *
     * @param sinceStart what is wrong with it since the server started, or null
     */
    StoreHealth(Stores stores, String place, Supplier<@Nullable String> sinceStart, Clock clock) {
        this.stores = stores;
        this.place = place;
        this.sinceStart = sinceStart;
        this.clock = clock;
    }

    /** Completes when the store answers, whatever it says of the object it is asked for; else fails. */
    Mono<Void> answers() {
        return Mono.defer(() -> stores.objects().head(StoreOwnership.KEY))
                .onErrorResume(ObjectStoreError.OBJECT_MISSING::is, missing -> Mono.empty())
                .doOnError(e -> refused = ObjectStoreError.OBJECT_STORE_REFUSED.is(e))
                .doOnSuccess(found -> refused = false)
                .then(Mono.defer(() -> {
                    String problem = sinceStart.get();
                    return problem == null ? Mono.empty() : Mono.error(new HealthProblem(problem));
                }));
    }

    /** What is wrong with the right to use the store; empty when nothing is, as far as is known. */
    String credentialsProblem() {
        Optional<Instant> expire = stores.credentialsExpire().get();
        if (expire.isPresent() && expire.get().isBefore(clock.instant())) {
            return "the credentials of the object store ended at " + expire.get() + " and were not renewed";
        }
        boolean denied = refused || Objects.equals(stores.health().get().get("access"), "open");
        return denied
                ? "the object store " + place + " refuses what it is asked (expected: credentials that have not"
                        + " expired, and a bucket that is there)"
                : "";
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("weir.store.credentials.left", this, StoreHealth::secondsLeft)
                .description("time until the credentials of the object store end; not a number where they do not")
                .baseUnit("seconds")
                .register(registry);
        Gauge.builder("weir.store.denied", this, of -> of.credentialsProblem().isEmpty() ? 0 : 1)
                .description("1 while the object store refuses what it is asked")
                .register(registry);
    }

    private double secondsLeft() {
        return stores.credentialsExpire()
                .get()
                .map(end -> (end.toEpochMilli() - clock.millis()) / 1e3)
                .orElse(Double.NaN);
    }
}
