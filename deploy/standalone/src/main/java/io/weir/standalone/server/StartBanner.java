package io.weir.standalone.server;

import io.weir.ingest.IngestService;
import io.weir.ingest.wal.SyncMode;
import io.weir.ingest.wal.WalSettings;
import io.weir.query.engine.QueryProperties;
import io.weir.standalone.cli.BuildVersion;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.setup.StorageSettings;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

/** Says once, when requests are answered, what was started: version, port, data, durability, limits of memory. */
final class StartBanner {

    private static final Logger LOG = LoggerFactory.getLogger("io.weir.Weir");
    private static final long MEBIBYTE = 1 << 20;

    private final WebServerApplicationContext context;
    private final String address;
    private final AccessMode access;
    private final DataDirectory directory;
    private final StorageSettings storage;
    private final CatalogSettings catalog;
    private final WalSettings wal;
    private final IngestService ingest;
    private final QueryProperties queries;

    StartBanner(
            WebServerApplicationContext context,
            String address,
            AccessMode access,
            DataDirectory directory,
            StorageSettings storage,
            CatalogSettings catalog,
            WalSettings wal,
            IngestService ingest,
            QueryProperties queries) {
        this.context = context;
        this.address = address;
        this.access = access;
        this.directory = directory;
        this.storage = storage;
        this.catalog = catalog;
        this.wal = wal;
        this.ingest = ingest;
        this.queries = queries;
    }

    void log(Duration startTime) {
        LOG.info(
                """
                        Weir {} is ready after {} s
                          http        http://{}:{} (ingest and query; {})
                          data        {} ({} MiB free)
                          files       {}
                          catalog     {}
                          durability  {}
                          memory      heap {} MiB, of it ingest {} MiB; queries {} MiB outside of it, {} at once""",
                BuildVersion.text(),
                String.format(Locale.ROOT, "%.1f", startTime.toMillis() / 1000.0),
                address,
                port(),
                (access.tokensNeeded() ? "tokens needed: " : "no token needed: ") + access.reason(),
                directory.root(),
                directory.root().toFile().getUsableSpace() / MEBIBYTE,
                storage.place(),
                catalog.place(),
                durability(),
                Runtime.getRuntime().maxMemory() / MEBIBYTE,
                ingest.budget().limitBytes() / MEBIBYTE,
                queries.memoryLimit().toMegabytes(),
                queries.maxSessions());
    }

    private int port() {
        return context.getWebServer() == null ? 0 : context.getWebServer().getPort();
    }

    private String durability() {
        return wal.sync() == SyncMode.ASYNC
                ? "a 204 is sent before the disk has the rows; it has them within "
                        + wal.syncInterval().toMillis() + " ms"
                : "a 204 is sent after " + wal.sync().name().toLowerCase(Locale.ROOT)
                        + " of the write-ahead log, shared by all that wait";
    }
}
