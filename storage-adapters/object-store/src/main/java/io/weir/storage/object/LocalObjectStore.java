package io.weir.storage.object;

import io.weir.common.error.WeirException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Objects as files under one directory. A put syncs the file, gives it its final name by a hard link, which fails when
 * the name is taken, and syncs the directories: after a crash an object is there whole or not at all. Thread-safe; all
 * disk work runs on the given scheduler.
 */
public final class LocalObjectStore implements ObjectStore {

    private static final Logger LOG = LoggerFactory.getLogger(LocalObjectStore.class);
    private static final int READ_BYTES = 256 << 10;

    /** Directories of some ten thousand measurements: each has a handful on its way to an hour. Some 20 MB. */
    private static final int LEAST_REMEMBERED = 64 << 10;

    private final Path root;
    private final Scheduler io;
    private final DiskSync disk;
    private final RecentPaths synced = new RecentPaths(LEAST_REMEMBERED);

    /**
     * A store in that directory.
     *
     * @param root existing directory; files to put must be on the same file system
     * @param io bounded scheduler for disk work; not disposed here
     */
    public LocalObjectStore(Path root, Scheduler io) {
        this(root, io, DiskSync.FSYNC);
    }

    LocalObjectStore(Path root, Scheduler io, DiskSync disk) {
        this.disk = disk;
        this.root = root.toAbsolutePath().normalize();
        this.io = io;
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        return onDisk("put", key, () -> publish(key, file));
    }

    private ObjectInfo publish(String key, Path file) throws IOException {
        Path target = resolve(key);
        disk.file(file);
        long size = Files.size(file);
        Files.createDirectories(parentOf(target));
        try {
            Files.createLink(target, file);
        } catch (FileAlreadyExistsException taken) {
            syncDirectories(target); // whoever put it may have failed before this
            throw new WeirException(ObjectStoreError.OBJECT_EXISTS, "object " + key + " exists already", taken);
        }
        Files.delete(file);
        syncDirectories(target);
        return new ObjectInfo(key, size);
    }

    /** Makes a name durable: its directory, and each directory above it whose own name this store has not synced yet. */
    private void syncDirectories(Path target) throws IOException {
        disk.directory(parentOf(target));
        for (Path directory = parentOf(target); !directory.equals(root); directory = parentOf(directory)) {
            if (!synced.contains(directory)) {
                disk.directory(parentOf(directory));
                synced.add(directory);
            }
        }
    }

    /** The directory of a file inside the root, which therefore has one. */
    private static Path parentOf(Path inside) {
        return Objects.requireNonNull(inside.getParent());
    }

    @Override
    public Mono<ObjectInfo> head(String key) {
        return onDisk("head", key, () -> {
            try {
                return new ObjectInfo(key, Files.size(resolve(key)));
            } catch (NoSuchFileException missing) {
                return null;
            }
        });
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        return Flux.usingWhen(
                onDisk("open", key, () -> open(key)),
                channel -> Flux.<ByteBuffer, Long>generate(() -> offset, (position, sink) -> {
                            long left = offset + length - position;
                            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(READ_BYTES, left));
                            try {
                                int read = left <= 0 ? -1 : channel.read(buffer, position);
                                if (read < 0) {
                                    sink.complete();
                                    return position;
                                }
                                sink.next(buffer.flip());
                                return position + read;
                            } catch (IOException e) {
                                sink.error(failed("read", key, e));
                                return position;
                            }
                        })
                        .subscribeOn(io),
                channel -> onDisk("close", key, () -> {
                    channel.close();
                    return null;
                }));
    }

    private FileChannel open(String key) throws IOException {
        try {
            return FileChannel.open(resolve(key), StandardOpenOption.READ);
        } catch (NoSuchFileException missing) {
            throw missing(key, missing);
        }
    }

    @Override
    public Flux<ObjectInfo> list(String prefix) {
        return onDisk("list", prefix, () -> {
                    try (Stream<Path> files = Files.walk(root)) {
                        return files.filter(Files::isRegularFile)
                                .map(file -> root.relativize(file).toString())
                                .filter(key -> key.startsWith(prefix))
                                .toList();
                    }
                })
                .flatMapIterable(keys -> keys)
                .concatMap(this::head);
    }

    @Override
    public Mono<Boolean> remove(String key) {
        return onDisk("remove", key, () -> Files.deleteIfExists(resolve(key)));
    }

    @Override
    public Mono<Path> localFile(String key) {
        return onDisk("find", key, () -> {
            Path file = resolve(key);
            if (!Files.isRegularFile(file)) {
                throw missing(key, null);
            }
            return file;
        });
    }

    private Path resolve(String key) {
        Path file = root.resolve(key).normalize();
        if (!file.startsWith(root) || file.equals(root)) {
            throw new IllegalArgumentException("key \"" + key + "\" leaves the store");
        }
        return file;
    }

    private <T> Mono<T> onDisk(String action, String key, Callable<T> work) {
        return Mono.fromCallable(work)
                .onErrorMap(IOException.class, e -> failed(action, key, e))
                .subscribeOn(io);
    }

    private static WeirException missing(String key, @org.jspecify.annotations.Nullable Throwable cause) {
        return new WeirException(ObjectStoreError.OBJECT_MISSING, "object " + key + " is missing", cause);
    }

    private static WeirException failed(String action, String key, IOException cause) {
        LOG.warn("object store could not {} {}", action, key, cause);
        return new WeirException(ObjectStoreError.OBJECT_STORE_FAILED, "could not " + action + " object " + key, cause);
    }
}
