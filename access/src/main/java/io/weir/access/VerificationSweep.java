package io.weir.access;

import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Takes verifications that are too old out of their cache. */
record VerificationSweep(VerificationCache cache, Duration interval) implements BackgroundLoop {

    @Override
    public String name() {
        return "token-cache";
    }

    @Override
    public Mono<Turn> turn() {
        return Mono.fromSupplier(() -> {
            cache.sweep();
            return Turn.DONE;
        });
    }
}
