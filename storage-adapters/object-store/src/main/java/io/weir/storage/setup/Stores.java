package io.weir.storage.setup;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.storage.cache.FileCache;
import io.weir.storage.gcs.GcsObjectStore;
import io.weir.storage.object.LocalFiles;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.resilience.OperationClass;
import io.weir.storage.resilience.ResilientObjectStore;
import io.weir.storage.resilience.TimedObjectStore;
import io.weir.storage.s3.S3ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/**
 * The store of a process, and its objects as local files: a directory, or a remote store behind its protections and a cache.
 *
 * @param objects the store
 * @param files its objects for readers that need files
 * @param directory holds those files, for the engine to be allowed to read
 * @param health of the remote store, by class of calls; empty for a local one
 * @param attemptLimits time an attempt gets now, besides what its bytes need, by class of calls; empty for a local one
 * @param credentialsExpire when those used latest end; empty where they do not, or nobody says
 * @param closing closes connections
 */
public record Stores(
        ObjectStore objects,
        LocalFiles files,
        Path directory,
        Supplier<Map<String, String>> health,
        Supplier<Map<String, Duration>> attemptLimits,
        Supplier<Optional<Instant>> credentialsExpire,
        Runnable closing)
        implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Stores.class);

    /**
     * Opens the store those settings describe. Blocks, but does not connect.
     *
     * @param localObjects existing directory of the objects of a local store
     * @param cache directory of the copies of a remote one
     * @param io bounded scheduler for disk work; not disposed here
     */
    public static Stores open(
            StorageSettings settings, Path localObjects, Path cache, Scheduler io, MeterRegistry registry) {
        return switch (settings.type()) {
            case LOCAL -> local(localObjects, io, registry);
            case S3, MINIO -> {
                S3ObjectStore s3 = new S3ObjectStore(
                        settings.s3()
                                .settings(
                                        settings.type(),
                                        settings.keyPrefix(),
                                        settings.connections().limits()),
                        io);
                yield remote(settings, s3, s3::credentialsExpire, s3::close, cache, io, registry);
            }
            case GCS -> {
                GcsObjectStore gcs = new GcsObjectStore(
                        settings.gcs()
                                .settings(
                                        settings.keyPrefix(),
                                        settings.connections().limits()),
                        settings.gcs().load(),
                        io);
                yield remote(settings, gcs, Optional::empty, gcs::close, cache, io, registry);
            }
        };
    }

    private static Stores local(Path directory, Scheduler io, MeterRegistry registry) {
        LocalObjectStore store = new LocalObjectStore(directory, io);
        store.sweep()
                .subscribe(
                        removed -> LOG.debug("{} unfinished files removed from the object directory", removed),
                        e -> LOG.warn("unfinished files of the object directory cannot be removed", e));
        return new Stores(
                new TimedObjectStore(store, registry), store, directory, Map::of, Map::of, Optional::empty, () -> {});
    }

    private static Stores remote(
            StorageSettings settings,
            ObjectStore bare,
            Supplier<Optional<Instant>> credentialsExpire,
            Runnable closing,
            Path cache,
            Scheduler io,
            MeterRegistry registry) {
        ResilientObjectStore store = new ResilientObjectStore(bare, settings.resilience(), io, registry);
        FileCache files = FileCache.open(cache, settings.cache().maxSize().toBytes(), store, io, registry);
        return new Stores(
                store,
                files,
                cache,
                () -> states(store),
                () -> byTag(store.attemptLimits()),
                credentialsExpire,
                closing);
    }

    /**
     * Of the breakers; of the memory for buffers, {@code open} when transfers are refused for want of it; and of the access,
     * {@code open} as soon as the store refuses one call, long before a breaker has seen enough of them.
     */
    private static Map<String, String> states(ResilientObjectStore store) {
        Map<String, String> states = byTag(store.states());
        states.put("memory", store.isShedding() ? "open" : "closed");
        states.put("access", store.isDenied() ? "open" : "closed");
        return states;
    }

    private static <T> Map<String, T> byTag(Map<OperationClass, T> values) {
        Map<String, T> named = new TreeMap<>();
        values.forEach((operation, value) -> named.put(operation.tag(), value));
        return named;
    }

    @Override
    public void close() {
        closing.run();
    }
}
