package io.weir.ingest;

import io.weir.common.model.DatabaseId;
import io.weir.ingest.idempotency.KeyArchive;
import io.weir.ingest.idempotency.WriteKeys;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WriteKey;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.IdempotencyKey;
import io.weir.storage.catalog.KeyClaims;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** The keys that were committed with flushes, as the write path knows keys. Thread-safe. */
final class CatalogKeys implements KeyArchive {

    /** Sequence of a key that another log had: before everything of this one. */
    private static final long BEFORE_ALL = 0;

    private static final Logger LOG = LoggerFactory.getLogger(CatalogKeys.class);
    private static final int CLAIMS_AT_START = 1_000_000;

    private final Catalog catalog;
    private volatile @Nullable KeyClaims claims;
    private volatile String walId = "";

    CatalogKeys(Catalog catalog) {
        this.catalog = catalog;
    }

    /** Says that other processes store rows too. To be called before the first write. */
    void share(KeyClaims shared) {
        claims = shared;
    }

    @Override
    public boolean isShared() {
        return claims != null;
    }

    @Override
    public Mono<Boolean> claim(DatabaseId database, String text, Duration time) {
        KeyClaims shared = claims;
        return shared == null ? Mono.just(true) : shared.claim(new KeyClaims.Claim(database, text), walId, time);
    }

    @Override
    public Mono<Void> release(DatabaseId database, String text) {
        KeyClaims shared = claims;
        return shared == null
                ? Mono.empty()
                : shared.release(new KeyClaims.Claim(database, text), walId)
                        .doOnError(
                                e -> LOG.warn("a key could not be given back; other replicas refuse it for a while", e))
                        .onErrorComplete();
    }

    /** Gives back the keys that an earlier run claimed and under which the log has nothing. Before the first write. */
    Mono<Void> releaseUnknown(WriteKeys keys) {
        KeyClaims shared = claims;
        return shared == null
                ? Mono.empty()
                : shared.of(walId, CLAIMS_AT_START)
                        .flatMapIterable(all -> all)
                        .filter(claim -> !keys.knows(claim.database(), claim.text()))
                        .concatMap(claim -> shared.release(claim, walId))
                        .then();
    }

    /** Removes claims that have ended. @return how many */
    Mono<Long> forgetEnded() {
        KeyClaims shared = claims;
        return shared == null ? Mono.just(0L) : shared.forgetEnded();
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
