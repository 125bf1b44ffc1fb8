package io.weir.ingest.idempotency;

import io.weir.common.model.DatabaseId;
import io.weir.ingest.wal.LoggedKey;
import java.time.Duration;
import reactor.core.publisher.Mono;

/** Where keys are found that are not in memory, and, where several processes store rows, who may store them under which key. */
@FunctionalInterface
public interface KeyArchive {

    /** That key, expired or not; empty when no write with it is in files. */
    Mono<LoggedKey> find(DatabaseId database, String text);

    /** Whether other processes store rows too. Then every key is claimed and looked up before its write is the first. */
    default boolean isShared() {
        return false;
    }

    /** Claims a key for this process, for that long; false when another one has it. */
    default Mono<Boolean> claim(DatabaseId database, String text, Duration time) {
        return Mono.just(true);
    }

    /** Gives a key back under which nothing was stored. Never fails: a claim that is not given back ends by itself. */
    default Mono<Void> release(DatabaseId database, String text) {
        return Mono.empty();
    }
}
