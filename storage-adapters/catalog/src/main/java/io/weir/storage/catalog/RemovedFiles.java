package io.weir.storage.catalog;

import io.weir.common.error.WeirException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over files that left the catalog. Runs in whatever transaction the caller opened, which must be serializable. */
final class RemovedFiles {

    private static final int KEYS_A_STATEMENT = 500;

    private final DatabaseClient client;

    RemovedFiles(DatabaseClient client) {
        this.client = client;
    }

    /** Fails with {@code file-removed} when one of the files, which are to become visible, is on its way out of the store. */
    Mono<Void> refuse(Flux<DataFile> files) {
        return files.map(DataFile::objectKey)
                .buffer(KEYS_A_STATEMENT)
                .concatMap(keys -> among("removed_files", keys))
                .doOnNext(removed -> {
                    if (!removed.isEmpty()) {
                        String key = removed.iterator().next();
                        throw new WeirException(
                                CatalogError.FILE_REMOVED,
                                "object " + key + " is being removed (expected: a file that is younger than"
                                        + " weir.orphans.grace, and was none before); a flush tries it again",
                                Map.of("key", key));
                    }
                })
                .then();
    }

    /** Those of the keys that the table has. */
    Mono<Set<String>> among(String table, Collection<String> keys) {
        if (keys.isEmpty()) {
            return Mono.just(Set.of());
        }
        return client.sql("SELECT object_key FROM " + table + " WHERE object_key IN (:keys)")
                .bind("keys", List.copyOf(keys))
                .map(row -> Rows.text(row, 0))
                .all()
                .collect(HashSet<String>::new, Set::add)
                .map(found -> found);
    }

    /** Records files that have just left the catalog, as one removal. */
    Mono<Void> add(Collection<String> keys, long nowMicros) {
        if (keys.isEmpty()) {
            return Mono.empty();
        }
        return identity()
                .then(client.sql("UPDATE catalog_identity SET removal_sequence = removal_sequence + 1")
                        .then())
                .then(Mono.defer(this::sequence))
                .flatMap(sequence -> {
                    BulkInsert rows =
                            new BulkInsert("removed_files", "object_key", "removal_sequence", "removed_micros");
                    keys.forEach(key -> rows.row(key, sequence, nowMicros));
                    return rows.run(client);
                });
    }

    /** Records files that are about to leave the catalog, those for which a condition with {@code :id} is true, as one removal. */
    Mono<Void> addAllOf(String condition, long id, long nowMicros) {
        return identity()
                .then(client.sql("UPDATE catalog_identity SET removal_sequence = removal_sequence + 1")
                        .then())
                .then(Mono.defer(this::sequence))
                .flatMap(sequence -> client.sql(
                                "INSERT INTO removed_files (object_key, removal_sequence, removed_micros)"
                                        + " SELECT object_key, :sequence, :now FROM files WHERE " + condition)
                        .bind("sequence", sequence)
                        .bind("now", nowMicros)
                        .bind("id", id)
                        .then());
    }

    /** The number of the latest removal. */
    Mono<Long> sequence() {
        return client.sql("SELECT removal_sequence FROM catalog_identity")
                .map(row -> Rows.number(row, 0))
                .one();
    }

    /** The name of the catalog, made when there is none. */
    Mono<String> identity() {
        return client.sql("INSERT INTO catalog_identity (only_row, identity, removal_sequence)"
                        + " VALUES (1, :identity, 0) ON CONFLICT (only_row) DO NOTHING")
                .bind("identity", UUID.randomUUID().toString())
                .then()
                .then(client.sql("SELECT identity FROM catalog_identity")
                        .map(row -> Rows.text(row, 0))
                        .one());
    }

    /** What no live reader can see, and no file has the key of. */
    Flux<RemovedFile> removable(@Nullable RemovedFile after, int atMost, long nowMicros) {
        return client.sql("SELECT r.object_key, r.removal_sequence FROM removed_files r WHERE r.gone_micros IS NULL"
                        + " AND r.removal_sequence <= (SELECT COALESCE((SELECT MIN(oldest_sequence) FROM readers"
                        + " WHERE expires_micros > :now), (SELECT MAX(removal_sequence) FROM catalog_identity)))"
                        + " AND (r.removal_sequence > :sequence OR (r.removal_sequence = :sequence AND r.object_key > :key))"
                        + " AND NOT EXISTS (SELECT 1 FROM files f WHERE f.object_key = r.object_key)"
                        + " ORDER BY r.removal_sequence, r.object_key LIMIT :most")
                .bind("now", nowMicros)
                .bind("sequence", after == null ? -1 : after.removalSequence())
                .bind("key", after == null ? "" : after.objectKey())
                .bind("most", atMost)
                .map(row -> new RemovedFile(Rows.text(row, 0), Rows.number(row, 1)))
                .all();
    }

    Mono<Void> gone(Collection<String> keys, long nowMicros) {
        if (keys.isEmpty()) {
            return Mono.empty();
        }
        return client.sql("UPDATE removed_files SET gone_micros = :now WHERE object_key IN (:keys)")
                .bind("now", nowMicros)
                .bind("keys", List.copyOf(keys))
                .then();
    }

    Mono<Long> forgetGone(long beforeMicros) {
        return client.sql("DELETE FROM removed_files WHERE gone_micros < :before")
                .bind("before", beforeMicros)
                .fetch()
                .rowsUpdated();
    }
}
