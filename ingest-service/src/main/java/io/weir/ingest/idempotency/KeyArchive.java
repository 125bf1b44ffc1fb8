package io.weir.ingest.idempotency;

import io.weir.common.model.DatabaseId;
import io.weir.ingest.wal.LoggedKey;
import reactor.core.publisher.Mono;

/** Where keys are found that are no longer in memory. */
@FunctionalInterface
public interface KeyArchive {

    /** That key, expired or not; empty when no write with it is in files. */
    Mono<LoggedKey> find(DatabaseId database, String text);
}
