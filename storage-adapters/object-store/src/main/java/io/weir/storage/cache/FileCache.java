package io.weir.storage.cache;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.ObjectTransfer;
import io.weir.storage.object.PinnedFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Copies of remote objects in one directory, bounded in bytes. However many ask for an object it is downloaded once, into a
 * file of a temporary name, and shown when its length and checksum are right. It is pinned by whoever reads it; the file
 * unused for longest is evicted when another needs its space. What is there at start is used on, each file after its
 * content was checked again. Thread-safe; never blocks but in {@link #open(Path, long, ObjectStore, Scheduler,
 * MeterRegistry)}.
 */
public final class FileCache implements LocalFiles {

    private static final Logger LOG = LoggerFactory.getLogger(FileCache.class);
    private static final String INCOMING = ".incoming-";

    private final Path directory;
    private final long maxBytes;
    private final ObjectStore store;
    private final Scheduler io;
    private final Counter hits;
    private final Counter downloads;
    private final Counter evictions;

    /** In order of use; also the lock of everything below. */
    private final LinkedHashMap<String, CachedFile> files = new LinkedHashMap<>(16, 0.75f, true);

    private long usedBytes;

    private FileCache(Path directory, long maxBytes, ObjectStore store, Scheduler io, MeterRegistry registry) {
        this.directory = directory;
        this.maxBytes = maxBytes;
        this.store = store;
        this.io = io;
        this.hits = counter(registry, "weir.cache.hits", "files that were there, or on their way");
        this.downloads = counter(registry, "weir.cache.downloads", "files fetched from the object store");
        this.evictions = counter(registry, "weir.cache.evictions", "files removed for want of space");
        Gauge.builder("weir.cache.used", this, FileCache::usedBytes)
                .baseUnit("bytes")
                .register(registry);
        Gauge.builder("weir.cache.limit", () -> maxBytes).baseUnit("bytes").register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    /**
     * A cache in that directory, which is made when it is missing and belongs to it alone: whatever else is in it is
     * removed. Blocks.
     *
     * @param maxBytes most bytes of all files
     * @param io bounded scheduler for disk work; not disposed here
     */
    public static FileCache open(
            Path directory, long maxBytes, ObjectStore store, Scheduler io, MeterRegistry registry) {
        FileCache cache = new FileCache(directory.toAbsolutePath().normalize(), maxBytes, store, io, registry);
        try {
            Files.createDirectories(directory);
            cache.adopt();
        } catch (IOException e) {
            throw new WeirException(
                    CommonError.CONFIGURATION,
                    "the file cache in " + directory + " cannot be used: " + e.getMessage(),
                    e);
        }
        return cache;
    }

    /** Takes on what an earlier process left, the latest files first, and removes the rest. */
    private void adopt() throws IOException {
        record Found(Path path, long sizeBytes, long modified) {}
        List<Found> found = new ArrayList<>();
        try (Stream<Path> paths = Files.list(directory)) {
            for (Path path : paths.toList()) {
                if (Files.isRegularFile(path)) {
                    found.add(new Found(
                            path,
                            Files.size(path),
                            Files.getLastModifiedTime(path).toMillis()));
                }
            }
        }
        found.sort(Comparator.comparingLong(Found::modified));
        long bytes = found.stream().mapToLong(Found::sizeBytes).sum();
        int orphans = 0;
        for (Found file : found) {
            Optional<CacheFileName> name =
                    CacheFileName.parse(String.valueOf(file.path().getFileName()));
            if (name.isEmpty()
                    || bytes > maxBytes
                    || files.containsKey(name.get().id())) {
                Files.delete(file.path());
                bytes -= file.sizeBytes();
                orphans++;
                continue;
            }
            CachedFile known = CachedFile.known(
                    name.get().id(),
                    file.sizeBytes(),
                    checked(file.path(), name.get().checksum()));
            files.put(known.id, known);
            usedBytes += file.sizeBytes();
        }
        LOG.debug("the file cache has {} files, {} bytes; {} files removed", files.size(), usedBytes, orphans);
    }

    private Mono<Path> checked(Path path, Checksum checksum) {
        return ObjectTransfer.onDisk(
                () -> {
                    if (!ObjectTransfer.checksum(path).equals(checksum)) {
                        Files.deleteIfExists(path);
                        throw new WeirException(ObjectStoreError.OBJECT_DAMAGED, "a cached file is damaged");
                    }
                    return path;
                },
                io);
    }

    /** Bytes of the files that are there or on their way. */
    public long usedBytes() {
        synchronized (files) {
            return usedBytes;
        }
    }

    /** {@inheritDoc} An error {@code object-store-busy} when running readers hold so much that there is no space. */
    @Override
    public Mono<PinnedFile> open(String key, long sizeBytes) {
        return once(key, sizeBytes)
                // A file of an earlier process that is no longer what it was; the next attempt downloads.
                .onErrorResume(FileCache::isStale, e -> once(key, sizeBytes));
    }

    private static boolean isStale(Throwable failure) {
        return failure instanceof IOException || ObjectStoreError.OBJECT_DAMAGED.is(failure);
    }

    private Mono<PinnedFile> once(String key, long sizeBytes) {
        return Mono.defer(() -> {
            Pin pin = acquire(key, sizeBytes);
            return pin.file
                    .ready
                    .doOnError(e -> forget(pin.file))
                    .<PinnedFile>map(pin::deliver)
                    .doOnError(e -> pin.close())
                    .doOnCancel(pin::giveUp)
                    .doOnDiscard(Pin.class, Pin::close);
        });
    }

    private Pin acquire(String key, long sizeBytes) {
        String id = CacheFileName.idOf(key);
        synchronized (files) {
            CachedFile known = files.get(id);
            if (known != null && known.sizeBytes == sizeBytes) {
                hits.increment();
                return new Pin(known);
            }
            List<Mono<Path>> victims = makeSpace(key, sizeBytes);
            CachedFile made = CachedFile.coming(id, sizeBytes, removed(victims).then(download(key, id, sizeBytes)));
            forget(known);
            files.put(id, made);
            usedBytes += sizeBytes;
            downloads.increment();
            return new Pin(made);
        }
    }

    /** Takes the idle files unused for longest out of the map, until that many bytes more fit; returns their files. */
    private List<Mono<Path>> makeSpace(String key, long sizeBytes) {
        List<Mono<Path>> victims = new ArrayList<>();
        if (usedBytes + sizeBytes <= maxBytes) {
            return victims;
        }
        long busyBytes = files.values().stream()
                .filter(file -> !file.isIdle())
                .mapToLong(file -> file.sizeBytes)
                .sum();
        if (busyBytes + sizeBytes > maxBytes) {
            throw new WeirException(
                    ObjectStoreError.OBJECT_STORE_BUSY,
                    "object " + key + " of " + sizeBytes + " bytes does not fit into the file cache: queries read "
                            + busyBytes + " of its " + maxBytes + " bytes");
        }
        Iterator<CachedFile> oldest = files.values().iterator();
        while (usedBytes + sizeBytes > maxBytes && oldest.hasNext()) {
            CachedFile file = oldest.next();
            if (file.isIdle()) {
                oldest.remove();
                usedBytes -= file.sizeBytes;
                victims.add(file.ready);
                evictions.increment();
            }
        }
        return victims;
    }

    private Mono<Void> removed(List<Mono<Path>> victims) {
        return Flux.fromIterable(victims)
                .concatMap(ready -> ready.publishOn(io).map(FileCache::delete).onErrorComplete())
                .then();
    }

    private static boolean delete(Path path) {
        try {
            return Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("file {} of the file cache cannot be removed", path, e);
            return false;
        }
    }

    /** Takes a file that is of no use out of the map; whoever has it pinned keeps it. */
    private void forget(@Nullable CachedFile file) {
        synchronized (files) {
            if (file != null && files.remove(file.id, file)) {
                usedBytes -= file.sizeBytes;
            }
        }
    }

    private Mono<Path> download(String key, String id, long sizeBytes) {
        return store.head(key)
                .switchIfEmpty(Mono.error(
                        () -> new WeirException(ObjectStoreError.OBJECT_MISSING, "object " + key + " is missing")))
                .flatMap(info -> Mono.usingWhen(
                        ObjectTransfer.onDisk(this::incoming, io),
                        incoming -> fetch(key, id, sizeBytes, info, incoming),
                        incoming -> ObjectTransfer.onDisk(incoming::close, io)));
    }

    private record Incoming(Path path, FileChannel channel) {
        @Nullable
        Void close() throws IOException {
            channel.close();
            Files.deleteIfExists(path); // it has its final name unless something failed
            return null;
        }
    }

    private Incoming incoming() throws IOException {
        Path path = directory.resolve(INCOMING + UUID.randomUUID());
        return new Incoming(path, FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    private Mono<Path> fetch(String key, String id, long sizeBytes, ObjectInfo info, Incoming incoming) {
        CRC32C crc = new CRC32C();
        return ObjectTransfer.write(
                        store.read(key, 0, Math.max(info.sizeBytes(), sizeBytes))
                                .doOnNext(buffer -> crc.update(buffer.duplicate())),
                        incoming.channel(),
                        io)
                .flatMap(bytes -> {
                    Checksum checksum = Checksum.of(crc);
                    ObjectInfo got = new ObjectInfo(key, bytes, checksum);
                    if (bytes != sizeBytes || (info.checksum() != null && !got.hasContentOf(info))) {
                        return Mono.error(damaged(got, sizeBytes, info));
                    }
                    return ObjectTransfer.onDisk(() -> publish(incoming, CacheFileName.fresh(id, checksum)), io);
                });
    }

    private static WeirException damaged(ObjectInfo got, long sizeBytes, ObjectInfo info) {
        return new WeirException(
                ObjectStoreError.OBJECT_DAMAGED,
                "object " + got.key() + " has " + got.sizeBytes() + " bytes with checksum " + got.checksum()
                        + " (expected: " + sizeBytes + " bytes, "
                        + (info.checksum() == null ? "any checksum" : "checksum " + info.checksum()) + ")");
    }

    private Path publish(Incoming incoming, CacheFileName name) throws IOException {
        return Files.move(incoming.path(), directory.resolve(name.text()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** One reader's hold of one file. */
    private final class Pin implements PinnedFile {

        private final CachedFile file;
        private volatile @Nullable Path path;
        private boolean closed;

        /** Under the lock of the files. */
        Pin(CachedFile file) {
            this.file = file;
            file.pins++;
        }

        Pin deliver(Path ready) {
            path = ready;
            return this;
        }

        /** A cancel, after which nobody else will close it unless it was handed over before. */
        void giveUp() {
            if (path == null) {
                close();
            }
        }

        @Override
        public Path path() {
            Path ready = path;
            if (ready == null) {
                throw new IllegalStateException("not delivered yet");
            }
            return ready;
        }

        @Override
        public void close() {
            synchronized (files) {
                if (!closed) {
                    closed = true;
                    file.pins--;
                }
            }
        }
    }
}
