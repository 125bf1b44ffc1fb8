package io.weir.ingest;

import io.weir.common.model.DatabaseId;
import io.weir.ingest.idempotency.KeyArchive;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WriteKey;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.IdempotencyKey;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import reactor.core.publisher.Mono;

/** The keys that were committed with flushes, as the write path knows keys. Thread-safe. */
final class CatalogKeys implements KeyArchive {

    /** Sequence of a key that another log had: before everything of this one. */
    private static final long BEFORE_ALL = 0;

    private final Catalog catalog;
    private volatile String walId = "";

    CatalogKeys(Catalog catalog) {
        this.catalog = catalog;
    }

    /** Says which log this process writes. */
    void began(String id) {
        walId = id;
    }

    @Override
    public Mono<LoggedKey> find(DatabaseId database, String text) {
        return catalog.idempotencyKey(database, text).map(this::logged);
    }

    /** Those that expire last, expired ones included. */
    Mono<Map<DatabaseId, List<LoggedKey>>> newest(int atMost) {
        return catalog.idempotencyKeys(atMost)
                .collect(Collectors.groupingBy(
                        key -> new DatabaseId(key.organisation(), key.database()),
                        Collectors.mapping(this::logged, Collectors.toList())));
    }

    private LoggedKey logged(IdempotencyKey key) {
        WriteKey write = new WriteKey(
                key.text(),
                key.writtenMillis(),
                key.expiresMillis(),
                key.bodyBytes(),
                key.fingerprint(),
                key.outcome());
        return new LoggedKey(write, key.walId().equals(walId) ? key.sequence() : BEFORE_ALL);
    }
}
