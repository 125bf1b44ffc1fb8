package io.weir.storage.setup;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import io.weir.storage.gcs.GcsObjectStore;
import io.weir.storage.object.KeyPrefix;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.resilience.ResilientObjectStore;
import io.weir.storage.s3.S3ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;

/**
 * A store besides that of a server, opened for a while: a directory, or a bucket that is reached with the server's settings.
 *
 * @param objects the store
 * @param local whether it is a directory
 * @param name its URL
 * @param closing closes connections
 */
public record StorePlace(ObjectStore objects, boolean local, String name, Runnable closing) implements AutoCloseable {

    private static final Pattern BUCKET =
            Pattern.compile("(?<scheme>s3|gs)://(?<bucket>[A-Za-z0-9._-]+)(/(?<prefix>.*?))?/?");
    private static final Pattern FILE = Pattern.compile("file:(//)?(?<path>/.*)");

    /**
     * Opens the place of that URL. Blocks, but does not connect.
     *
     * @param settings endpoint, region, credentials, limits; its bucket and prefix are of no use
     * @param url {@code file:///PATH} (made when it is missing), {@code s3://BUCKET/PREFIX}, {@code gs://BUCKET/PREFIX}
     * @param io bounded scheduler for disk work; not disposed here
     * @throws WeirException {@code invalid-request} when the URL is of no such place
     */
    public static StorePlace open(StorageSettings settings, String url, Scheduler io) {
        Matcher file = FILE.matcher(url);
        if (file.matches()) {
            return directory(url, file.group("path"), io);
        }
        Matcher bucket = BUCKET.matcher(url);
        if (!bucket.matches()) {
            throw invalid(url, "file:///PATH, s3://BUCKET/PREFIX or gs://BUCKET/PREFIX", null);
        }
        KeyPrefix prefix = prefix(url, bucket.group("prefix"));
        if (bucket.group("scheme").equals("s3")) {
            S3ObjectStore s3 = new S3ObjectStore(
                    settings.s3()
                            .inBucket(bucket.group("bucket"))
                            .settings(
                                    settings.type(),
                                    prefix,
                                    settings.connections().limits()),
                    io);
            return new StorePlace(resilient(settings, s3, io), false, url, s3::close);
        }
        GcsObjectStore gcs = new GcsObjectStore(
                settings.gcs()
                        .inBucket(bucket.group("bucket"))
                        .settings(prefix, settings.connections().limits()),
                settings.gcs().load(),
                io);
        return new StorePlace(resilient(settings, gcs, io), false, url, gcs::close);
    }

    /** Its meters are its own: those of the server's store tell of that alone. */
    private static ObjectStore resilient(StorageSettings settings, ObjectStore bare, Scheduler io) {
        return new ResilientObjectStore(bare, settings.resilience(), io, new SimpleMeterRegistry());
    }

    private static StorePlace directory(String url, String path, Scheduler io) {
        try {
            Path directory = Files.createDirectories(Path.of(path));
            return new StorePlace(new LocalObjectStore(directory, io), true, url, () -> {});
        } catch (IOException | RuntimeException e) {
            throw invalid(url, "a directory that can be written", e);
        }
    }

    private static KeyPrefix prefix(String url, @Nullable String text) {
        try {
            return KeyPrefix.of(text == null ? "" : text);
        } catch (IllegalArgumentException e) {
            throw invalid(url, String.valueOf(e.getMessage()), e);
        }
    }

    private static WeirException invalid(String url, String expected, @Nullable Throwable cause) {
        return new WeirException(
                CommonError.INVALID_REQUEST,
                "\"" + Names.printable(url) + "\" is no place for a backup (expected: " + expected + ")",
                Map.of("place", Names.printable(url)),
                cause);
    }

    @Override
    public void close() {
        closing.run();
    }
}
