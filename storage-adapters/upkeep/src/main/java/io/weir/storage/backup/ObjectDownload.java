package io.weir.storage.backup;

import io.weir.common.error.WeirException;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.ObjectTransfer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Reads objects whole, into a file or for their checksum alone. Thread-safe. */
final class ObjectDownload {

    private final ObjectStore store;
    private final Scheduler io;

    ObjectDownload(ObjectStore store, Scheduler io) {
        this.store = store;
        this.io = io;
    }

    /**
     * Writes an object into a new file.
     *
     * @return its checksum; an error {@code object-damaged} when it has another length, and those of {@link ObjectStore#read}
     */
    Mono<Checksum> into(Path file, String key, long sizeBytes) {
        CRC32C crc = new CRC32C();
        return Mono.usingWhen(
                Mono.fromCallable(() -> FileChannel.open(
                                file,
                                StandardOpenOption.CREATE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                StandardOpenOption.WRITE))
                        .subscribeOn(io),
                channel -> ObjectTransfer.write(
                                store.read(key, 0, sizeBytes + 1).doOnNext(buffer -> crc.update(buffer.duplicate())),
                                channel,
                                io)
                        .flatMap(bytes -> checked(key, bytes, sizeBytes))
                        .then(Mono.fromSupplier(() -> Checksum.of(crc))),
                channel -> ObjectTransfer.closed(channel, io));
    }

    /** The checksum of an object's content; otherwise like {@link #into}. */
    Mono<Checksum> checksum(String key, long sizeBytes) {
        CRC32C crc = new CRC32C();
        return store.read(key, 0, sizeBytes + 1)
                .publishOn(io, 1)
                .map(buffer -> {
                    crc.update(buffer.duplicate());
                    return (long) buffer.remaining();
                })
                .reduce(0L, Long::sum)
                .flatMap(bytes -> checked(key, bytes, sizeBytes))
                .then(Mono.fromSupplier(() -> Checksum.of(crc)));
    }

    private static Mono<Long> checked(String key, long bytes, long expected) {
        return bytes == expected
                ? Mono.just(bytes)
                : Mono.error(new WeirException(
                        ObjectStoreError.OBJECT_DAMAGED,
                        "object " + key + " has " + bytes + " bytes (expected: " + expected + ")"));
    }
}
