package io.weir.storage.backup;

import io.weir.storage.object.Checksum;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.ObjectTransfer;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Where backups are kept: any number of them, which share the files they have in common. Thread-safe.
 *
 * <pre>
 *   backups/ID.ndjson.gz        manifest; a backup is there when this is
 *   objects/KEY.CRC32C          file of that key, with that checksum
 * </pre>
 *
 * @param store with nothing else below its prefix
 * @param moves whether the store sends files itself, and sends them again when that fails; one on disk takes files of its own
 *     file system only
 * @param name for people
 */
public record BackupPlace(ObjectStore store, boolean moves, String name) {

    private static final String MANIFESTS = "backups/";
    private static final String MANIFEST_END = ".ndjson.gz";
    private static final String OBJECTS = "objects/";
    private static final int CHECKSUM_DIGITS = 8;

    /** A file that is there. */
    record Kept(String key, Checksum checksum, long sizeBytes) {}

    static String manifestKey(String id) {
        return MANIFESTS + id + MANIFEST_END;
    }

    static String objectKey(String key, Checksum checksum) {
        return OBJECTS + key + "." + checksum.text();
    }

    /** Ids of the backups that are there, oldest first. */
    public Flux<String> ids() {
        return store.list(MANIFESTS)
                .map(ObjectInfo::key)
                .filter(key -> key.endsWith(MANIFEST_END))
                .map(key -> key.substring(MANIFESTS.length(), key.length() - MANIFEST_END.length()));
    }

    /** Every file that is there, in ascending order of the keys it has in backups. */
    Flux<Kept> kept() {
        return store.list(OBJECTS).mapNotNull(BackupPlace::kept);
    }

    private static @Nullable Kept kept(ObjectInfo object) {
        int dot = object.key().length() - CHECKSUM_DIGITS - 1;
        if (dot <= OBJECTS.length()
                || object.key().charAt(dot) != '.'
                || !object.key().substring(dot + 1).matches("[0-9a-f]{8}")) {
            return null; // nothing of ours
        }
        return new Kept(
                object.key().substring(OBJECTS.length(), dot),
                Checksum.parse(object.key().substring(dot + 1)),
                object.sizeBytes());
    }

    /** Puts a file, which may be gone after that, unless it is there already. */
    Mono<Void> put(String key, Path file, long sizeBytes, Scheduler io) {
        Mono<ObjectInfo> put =
                moves ? store.put(key, file) : store.put(key, ObjectTransfer.read(file, 0, sizeBytes, io));
        return put.onErrorResume(ObjectStoreError.OBJECT_EXISTS::is, e -> Mono.empty())
                .then();
    }
}
