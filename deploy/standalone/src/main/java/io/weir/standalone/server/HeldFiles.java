package io.weir.standalone.server;

import io.weir.common.hot.HotHold;
import io.weir.query.snapshot.FileRef;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.PinnedFile;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Data files of the catalog as local ones that stay until a hold is closed. */
final class HeldFiles {

    private static final int FILES_AT_ONCE = 16;

    private final LocalFiles localFiles;

    HeldFiles(LocalFiles localFiles) {
        this.localFiles = localFiles;
    }

    /** The files, in the order given. */
    Mono<List<FileRef>> open(List<DataFile> files, HotHold hold) {
        return open(files, Map.of(), hold);
    }

    /** The same, of which rows are deleted: predicates by object key. */
    Mono<List<FileRef>> open(List<DataFile> files, Map<String, List<String>> deleted, HotHold hold) {
        return Flux.fromIterable(files)
                .flatMapSequential(
                        file -> localFiles
                                .open(file.objectKey(), file.sizeBytes())
                                .map(pinned ->
                                        held(file, pinned, deleted.getOrDefault(file.objectKey(), List.of()), hold)),
                        FILES_AT_ONCE)
                .collectList();
    }

    private static FileRef held(DataFile file, PinnedFile pinned, List<String> deleted, HotHold hold) {
        hold.keep(pinned::close);
        return new FileRef(pinned.path().toString(), file.rows(), file.minMicros(), file.maxMicros(), deleted);
    }
}
