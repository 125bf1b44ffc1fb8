package io.weir.storage.backup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A folder for files on their way, for one backup or restoration. */
record WorkFolder(Path path, Scheduler io) {

    /** Does something with a new folder, which is gone at the end. */
    static <T> Mono<T> using(Path parent, Scheduler io, Function<WorkFolder, Mono<T>> work) {
        return Mono.usingWhen(
                Mono.fromCallable(() -> new WorkFolder(Files.createTempDirectory(parent, "backup"), io))
                        .subscribeOn(io),
                work,
                WorkFolder::remove);
    }

    private Mono<Void> remove() {
        return onDisk(() -> {
                    try (Stream<Path> left = Files.list(path)) {
                        for (Path file : left.toList()) {
                            Files.deleteIfExists(file); // one of a cancelled copy may be going by itself
                        }
                    }
                    Files.delete(path);
                    return true;
                })
                .then();
    }

    Path file(String name) {
        return path.resolve(name);
    }

    /** Does something with the name of a file that is not there, and is not at the end. */
    <T> Mono<T> usingFile(Function<Path, Mono<T>> work) {
        return Mono.usingWhen(
                Mono.fromSupplier(() -> file(UUID.randomUUID().toString())),
                work,
                file -> onDisk(() -> Files.deleteIfExists(file)).then());
    }

    <T> Mono<T> onDisk(Callable<T> work) {
        return Mono.fromCallable(work).subscribeOn(io);
    }

    /** Work with files that returns nothing. */
    interface DiskWork {
        void run() throws IOException;
    }

    Mono<Void> write(DiskWork work) {
        return onDisk(() -> {
                    work.run();
                    return true;
                })
                .then();
    }
}
