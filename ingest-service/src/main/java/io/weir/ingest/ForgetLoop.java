package io.weir.ingest;

import io.weir.common.supervise.BackgroundLoop;
import io.weir.common.supervise.Turn;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Lets the catalog forget flushes, changes and keys that nobody asks for any more, while rows come. */
record ForgetLoop(IngestService ingest) implements BackgroundLoop {

    private static final Duration INTERVAL = Duration.ofMinutes(1);

    @Override
    public String name() {
        return "forgetting";
    }

    @Override
    public Duration interval() {
        return INTERVAL;
    }

    @Override
    public Mono<Turn> turn() {
        return ingest.forgetOldIfAny().thenReturn(Turn.DONE);
    }
}
