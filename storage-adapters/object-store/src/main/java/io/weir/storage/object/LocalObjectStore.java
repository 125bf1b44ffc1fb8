package io.weir.storage.object;

import io.weir.common.error.WeirException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Objects as files under one directory. A put syncs the file, gives it its final name by a hard link, which is atomic and
 * fails when the name is taken (a rename would overwrite), and syncs the directories: after a crash an object is there
 * whole or not at all. A stream is written under a temporary name first. Thread-safe; all disk work runs on the given
 * scheduler.
 *
 * <pre>
 *   root/a/b/c.parquet     object a/b/c.parquet
 *   root/.incoming/UUID    a stream on its way; what a crash leaves is removed by {@link #sweep}
 * </pre>
 */
public final class LocalObjectStore implements ObjectStore, LocalFiles {

    private static final Logger LOG = LoggerFactory.getLogger(LocalObjectStore.class);
    private static final String INCOMING = ".incoming";
    private static final int REMOVED_AT_ONCE = 4;

    /** Directories of some ten thousand measurements: each has a handful on its way to an hour. Some 20 MB. */
    private static final int LEAST_REMEMBERED = 64 << 10;

    private final Path root;
    private final Scheduler io;
    private final DiskSync disk;
    private final RecentPaths synced = new RecentPaths(LEAST_REMEMBERED);

    /** Read-held by whoever makes names in directories, write-held by whoever takes an empty directory away. */
    private final ReadWriteLock directories = new ReentrantReadWriteLock();

    /**
     * A store in that directory.
     *
     * @param root existing directory; files to put must be on the same file system, which must know hard links
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

    /** Removes what interrupted streams left, and says how many files that were. To be called before the first put. */
    public Mono<Integer> sweep() {
        return onDisk("sweep", INCOMING, () -> {
            int removed = 0;
            try (DirectoryStream<Path> left = Files.newDirectoryStream(root.resolve(INCOMING))) {
                for (Path file : left) {
                    Files.deleteIfExists(file);
                    removed++;
                }
            } catch (NoSuchFileException none) {
                return 0;
            }
            return removed;
        });
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        return onDisk("put", key, () -> publish(key, file));
    }

    @Override
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        return Mono.usingWhen(
                onDisk("put", key, () -> incoming(key)),
                incoming -> ObjectTransfer.write(Flux.from(content), incoming.channel(), io)
                        .onErrorMap(IOException.class, e -> failed("put", key, e))
                        .flatMap(bytes -> onDisk("put", key, () -> publish(key, incoming.file()))),
                incoming -> onDisk("put", key, incoming::giveUp));
    }

    private Incoming incoming(String key) throws IOException {
        resolve(key);
        Path file = Files.createDirectories(root.resolve(INCOMING))
                .resolve(UUID.randomUUID().toString());
        return new Incoming(file, FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    private record Incoming(Path file, FileChannel channel) {

        @Nullable
        Void giveUp() throws IOException {
            channel.close();
            Files.deleteIfExists(file); // gone already when it was published
            return null;
        }
    }

    private ObjectInfo publish(String key, Path file) throws IOException {
        Path target = resolve(key);
        disk.file(file);
        long size = Files.size(file);
        directories.readLock().lock();
        try {
            Files.createDirectories(parentOf(target));
            try {
                Files.createLink(target, file);
            } catch (FileAlreadyExistsException taken) {
                syncDirectories(target); // whoever put it may have failed before this
                throw new WeirException(ObjectStoreError.OBJECT_EXISTS, "object " + key + " exists already", taken);
            }
            syncDirectories(target);
        } finally {
            directories.readLock().unlock();
        }
        Files.deleteIfExists(file);
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
        return onDisk("head", key, () -> sizeOf(key));
    }

    private @Nullable ObjectInfo sizeOf(String key) throws IOException {
        Path file = resolve(key);
        return Files.isRegularFile(file) ? KeyWalk.infoOf(key, file) : null;
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        return Flux.defer(() -> ObjectTransfer.read(resolve(key), offset, length, io))
                .onErrorMap(NoSuchFileException.class, e -> missing(key, e))
                .onErrorMap(IOException.class, e -> failed("read", key, e));
    }

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        return Flux.<ObjectInfo, KeyWalk>generate(
                        () -> {
                            resolve(prefix + "x"); // a prefix that leaves the store is refused like a key
                            return new KeyWalk(root, prefix, after);
                        },
                        (walk, sink) -> {
                            try {
                                ObjectInfo next = walk.next();
                                if (next == null) {
                                    sink.complete();
                                } else {
                                    sink.next(next);
                                }
                            } catch (IOException e) {
                                sink.error(failed("list", prefix, e));
                            }
                            return walk;
                        })
                .onErrorMap(IOException.class, e -> failed("list", prefix, e))
                .subscribeOn(io);
    }

    @Override
    public Mono<Void> remove(String key) {
        return onDisk("remove", key, () -> {
            Path file = resolve(key);
            if (Files.deleteIfExists(file)) {
                removeEmptyDirectories(file);
            }
            return null;
        });
    }

    /** Otherwise a listing would grow with every hour that ever was. Left for the next removal when puts are under way. */
    private void removeEmptyDirectories(Path file) throws IOException {
        if (!directories.writeLock().tryLock()) {
            return;
        }
        try {
            for (Path directory = parentOf(file); !directory.equals(root); directory = parentOf(directory)) {
                Files.deleteIfExists(directory);
                synced.remove(directory);
            }
        } catch (DirectoryNotEmptyException others) {
            return;
        } finally {
            directories.writeLock().unlock();
        }
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        return ObjectTransfer.removeEach(this, keys, REMOVED_AT_ONCE);
    }

    /** The object's own file: it stays until the object is removed, and for whoever has it open, after that. */
    @Override
    public Mono<PinnedFile> open(String key, long sizeBytes) {
        return onDisk("open", key, () -> {
            ObjectInfo there = sizeOf(key);
            if (there == null) {
                throw missing(key, null);
            }
            if (there.sizeBytes() != sizeBytes) {
                throw new WeirException(
                        ObjectStoreError.OBJECT_DAMAGED,
                        "object " + key + " has " + there.sizeBytes() + " bytes (expected: " + sizeBytes + ")");
            }
            return new UnpinnedFile(resolve(key));
        });
    }

    private record UnpinnedFile(Path path) implements PinnedFile {
        @Override
        public void close() {
            // Nothing evicts an object from its own store.
        }
    }

    private Path resolve(String key) {
        Path file = root.resolve(key).normalize();
        if (!file.startsWith(root) || file.equals(root) || root.relativize(file).startsWith(INCOMING)) {
            throw new IllegalArgumentException("key \"" + key + "\" leaves the store");
        }
        return file;
    }

    private <T> Mono<T> onDisk(String action, String key, Callable<@Nullable T> work) {
        return Mono.<T>fromCallable(work)
                .onErrorMap(IOException.class, e -> failed(action, key, e))
                .subscribeOn(io);
    }

    private static WeirException missing(String key, @Nullable Throwable cause) {
        return new WeirException(ObjectStoreError.OBJECT_MISSING, "object " + key + " is missing", cause);
    }

    private static WeirException failed(String action, String key, IOException cause) {
        LOG.warn("object store could not {} {}", action, key, cause);
        return new WeirException(ObjectStoreError.OBJECT_STORE_FAILED, "could not " + action + " object " + key, cause);
    }
}
