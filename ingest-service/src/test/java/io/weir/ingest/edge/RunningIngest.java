package io.weir.ingest.edge;

import io.weir.common.http.EdgeConfiguration;
import io.weir.common.model.DatabaseId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestConfiguration;
import io.weir.ingest.IngestService;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.object.LocalObjectStore;
import io.weir.storage.object.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.test.web.reactive.server.HttpHandlerConnector;
import org.springframework.test.web.reactive.server.WebTestClient;

/** The ingest service behind its routes, without a socket: catalog in SQLite, files and log in a directory. */
public final class RunningIngest implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final CatalogConnections connections;
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final Catalog catalog;
    private final WebTestClient client;

    /** Starts on what is in the directory. */
    public RunningIngest(Path directory, Clock clock, Map<String, Object> settings) {
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        catalog = new R2dbcCatalog(connections.factory(), clock, PATIENCE);
        catalog.migrate().block(PATIENCE);
        Path work = directory.resolve("work");
        Path objects = directory.resolve("objects");
        try {
            Files.createDirectories(work);
            Files.createDirectories(objects);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        context.getEnvironment()
                .getPropertySources()
                .addFirst(new MapPropertySource("slice", Map.of("weir.warm-up.duration", "0s")));
        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("test", settings));
        context.registerBean(Catalog.class, () -> catalog);
        context.registerBean(ObjectStore.class, () -> new LocalObjectStore(objects, schedulers.io()));
        context.registerBean(
                IngestService.Places.class, () -> new IngestService.Places(directory.resolve("wal"), work, ""));
        context.registerBean(WeirSchedulers.class, () -> schedulers, definition -> definition.setDestroyMethodName(""));
        context.registerBean(Clock.class, () -> clock);
        context.register(EdgeConfiguration.class, IngestConfiguration.class);
        context.refresh();
        client = WebTestClient.bindToServer(new HttpHandlerConnector(context.getBean(HttpHandler.class)))
                .responseTimeout(PATIENCE)
                .build();
    }

    /** Calls the routes. */
    public WebTestClient client() {
        return client;
    }

    /** The service itself. */
    public IngestService service() {
        return context.getBean(IngestService.class);
    }

    /** Rows of a measurement, hot ones and those in files. */
    public long rows(String database, String measurement) {
        var table = new DatabaseId("default", database).table(measurement);
        var hot = service()
                .snapshot(table, new io.weir.common.hot.HotHold())
                .blockOptional(PATIENCE)
                .orElseThrow();
        List<String> flushes = hot.stream().map(part -> part.flushId()).toList();
        var snapshot = catalog.snapshot(table, flushes).block(PATIENCE);
        long rows = hot.stream()
                .filter(part ->
                        snapshot == null || !snapshot.committedFlushIds().contains(part.flushId()))
                .flatMap(part -> part.batches().stream())
                .mapToLong(batch -> batch.rows())
                .sum();
        return rows
                + (snapshot == null
                        ? 0
                        : snapshot.files().stream().mapToLong(DataFile::rows).sum());
    }

    @Override
    public void close() {
        context.close();
        schedulers.close();
        connections.close().block(PATIENCE);
    }
}
