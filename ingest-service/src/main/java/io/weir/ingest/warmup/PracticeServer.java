package io.weir.ingest.warmup;

import io.weir.common.auth.Authenticator;
import io.weir.common.http.EdgeConfiguration;
import io.weir.common.http.Gate;
import io.weir.common.http.ServerTuning;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.ingest.IngestSettings;
import io.weir.ingest.edge.Handshake;
import io.weir.ingest.edge.WriteRoutes;
import io.weir.ingest.wal.WalSettings;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.object.LocalObjectStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.util.unit.DataSize;
import org.springframework.web.reactive.function.server.RouterFunction;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/**
 * A whole write path of its own over a directory of its own, behind a port of its own on loopback: real routes, log,
 * buffers, files and catalog, and nothing of them shared with the server that practises but its threads.
 */
final class PracticeServer implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final DataSize SEGMENT = DataSize.ofMegabytes(8);
    private static final DataSize PART = DataSize.ofMegabytes(2);

    private final CatalogConnections connections;
    private final IngestService ingest;
    private final DisposableServer server;

    private PracticeServer(CatalogConnections connections, IngestService ingest, DisposableServer server) {
        this.connections = connections;
        this.ingest = ingest;
        this.server = server;
    }

    /**
     * Opens one. Blocks.
     *
     * @param directory an empty directory, removed by the caller
     */
    static PracticeServer open(Path directory, WeirSchedulers schedulers) throws IOException {
        IngestService.Places places = new IngestService.Places(directory.resolve("wal"), directory.resolve("work"), "");
        for (Path path : List.of(places.wal(), places.work(), directory.resolve("objects"))) {
            Files.createDirectories(path);
        }
        Clock clock = Clock.systemUTC();
        CatalogConnections connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 2);
        R2dbcCatalog catalog = new R2dbcCatalog(connections.factory(), clock, PATIENCE);
        catalog.migrate().block(PATIENCE);
        IngestSettings settings = settings();
        IngestService ingest = new IngestService(
                catalog,
                new LocalObjectStore(directory.resolve("objects"), schedulers.io()),
                places,
                settings,
                WalSettings.defaults().withSegmentSize(SEGMENT),
                schedulers,
                clock);
        ingest.start();
        RouterFunction<?> routes =
                new WriteRoutes(ingest, new Handshake(catalog), settings, schedulers.decode(), clock).routes();
        DisposableServer server = new ServerTuning()
                .apply(HttpServer.create())
                .host(InetAddress.getLoopbackAddress().getHostAddress())
                .port(0)
                .handle(new ReactorHttpHandlerAdapter(
                        EdgeConfiguration.handler(List.of(routes), Gate.of(Authenticator.OPEN))))
                .bindNow(PATIENCE);
        return new PracticeServer(connections, ingest, server);
    }

    private static IngestSettings settings() {
        DataSize memory = DataSize.ofBytes(Runtime.getRuntime().maxMemory() / 4);
        DataSize body = DataSize.ofMegabytes(8);
        return new IngestSettings(
                true,
                memory,
                body,
                body,
                body,
                body,
                body,
                PATIENCE,
                PATIENCE,
                DataSize.ofBytes(0),
                PART,
                PATIENCE,
                PATIENCE,
                PATIENCE,
                PATIENCE);
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.address();
    }

    @Override
    public void close() {
        try {
            server.disposeNow(PATIENCE);
        } finally {
            try {
                ingest.close();
            } finally {
                connections.close().block(PATIENCE);
            }
        }
    }
}
