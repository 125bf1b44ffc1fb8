package io.weir.common.hot;

import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * What whoever deletes rows asks of those who hold hot ones: the ingest side of this process, or every ingest replica. Each
 * call reaches all of them or fails. Thread-safe, and never blocks.
 */
public interface HotControl {

    /** A port without rows, for a query service without an ingest side. */
    HotControl NONE = new HotControl() {
        @Override
        public Mono<Void> flush(HotArea area) {
            return Mono.empty();
        }

        @Override
        public Mono<Void> close(HotArea area, Duration time) {
            return Mono.empty();
        }

        @Override
        public Mono<Void> reopen(HotArea area) {
            return Mono.empty();
        }
    };

    /** Puts every row of the area that was acknowledged before into files; completes when the catalog has them. */
    Mono<Void> flush(HotArea area);

    /**
     * Takes no rows of the area any more, which are refused as {@code overloaded}, and flushes those it took. Ends by itself.
     *
     * @param time how long no rows are taken, from when this is heard
     * @return completes when the catalog has all rows of the area that were ever acknowledged
     */
    Mono<Void> close(HotArea area, Duration time);

    /** Takes rows of the area again, as of measurements it knows nothing of. Nothing happens when it was not closed. */
    Mono<Void> reopen(HotArea area);
}
