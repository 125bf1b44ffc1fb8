package io.weir.storage.check;

import io.weir.storage.catalog.DataFile;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import java.util.zip.CRC32C;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Compares one file of the catalog with its object: there, length, footer, rows, and the checksum when asked for. */
final class FileCheck {

    private final ObjectStore store;
    private final DataFileFooter footers;
    private final boolean checksums;
    private final Scheduler io;

    FileCheck(ObjectStore store, boolean checksums, Scheduler io) {
        this.store = store;
        this.footers = new DataFileFooter(store);
        this.checksums = checksums;
        this.io = io;
    }

    /** What is wrong with a file whose object was not listed; empty when it was put since, and is as it should be. */
    Mono<Finding> notListed(DataFile file) {
        return store.head(file.objectKey())
                .map(there -> compare(file, there))
                .defaultIfEmpty(Mono.just(missing(file)))
                .flatMap(finding -> finding);
    }

    /** What is wrong with a file and its object; empty when nothing is. The first thing that is wrong is enough. */
    Mono<Finding> compare(DataFile file, ObjectInfo object) {
        String key = file.objectKey();
        if (object.sizeBytes() != file.sizeBytes()) {
            return Mono.just(new Finding(
                    FindingKind.SIZE,
                    key,
                    "the object has " + object.sizeBytes() + " bytes (expected: " + file.sizeBytes() + ")"));
        }
        return footers.rows(key, file.sizeBytes())
                .publishOn(io)
                .flatMap(rows -> rows == file.rows()
                        ? Mono.<Finding>empty()
                        : Mono.just(new Finding(
                                FindingKind.ROWS,
                                key,
                                "the object has " + rows + " rows (expected: " + file.rows() + ")")))
                .onErrorResume(
                        DamagedFile.class,
                        e -> Mono.just(new Finding(FindingKind.FOOTER, key, String.valueOf(e.getMessage()))))
                .switchIfEmpty(Mono.defer(() -> checksums ? checksum(file) : Mono.empty()))
                .onErrorResume(ObjectStoreError.OBJECT_MISSING::is, e -> Mono.just(missing(file)));
    }

    private Mono<Finding> checksum(DataFile file) {
        return store.head(file.objectKey()).flatMap(there -> {
            Checksum expected = there.checksum();
            return expected == null
                    ? Mono.<Finding>empty()
                    : store.read(file.objectKey(), 0, file.sizeBytes())
                            .publishOn(io, 1)
                            .collect(CRC32C::new, CRC32C::update)
                            .map(Checksum::of)
                            .filter(found -> !found.equals(expected))
                            .map(found -> new Finding(
                                    FindingKind.CHECKSUM,
                                    file.objectKey(),
                                    "the object has the CRC-32C " + found + " (expected: " + expected + ")"));
        });
    }

    private static Finding missing(DataFile file) {
        return new Finding(
                FindingKind.MISSING,
                file.objectKey(),
                "the store has no such object (expected: " + file.sizeBytes() + " bytes, " + file.rows() + " rows)");
    }
}
