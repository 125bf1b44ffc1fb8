package io.weir.standalone.server;

import io.weir.ingest.IngestService;
import io.weir.ingest.wal.SyncMode;
import io.weir.ingest.wal.WalSettings;
import io.weir.query.engine.QueryProperties;
import io.weir.standalone.cli.BuildVersion;
import io.weir.standalone.cli.ServeRole;
import io.weir.storage.catalog.setup.CatalogSettings;
import io.weir.storage.setup.StorageSettings;
import java.time.Duration;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerApplicationContext;

/** Says once, when requests are answered, what was started: version, port, data, durability, limits of memory. */
final class StartBanner {

    private static final Logger LOG = LoggerFactory.getLogger("io.weir.Weir");
    private static final long MEBIBYTE = 1 << 20;

    private final ServeRole role;
    private final WebServerApplicationContext context;
    private final String address;
    private final AccessMode access;
    private final DataDirectory directory;
    private final StorageSettings storage;
    private final CatalogSettings catalog;
    private final @Nullable WalSettings wal;
    private final @Nullable IngestService ingest;
    private final @Nullable QueryProperties queries;
    private final Collection<String> ingestReplicas;

    StartBanner(
            ServeRole role,
            WebServerApplicationContext context,
            String address,
            AccessMode access,
            DataDirectory directory,
            StorageSettings storage,
            CatalogSettings catalog,
            @Nullable WalSettings wal,
            @Nullable IngestService ingest,
            @Nullable QueryProperties queries,
            Collection<String> ingestReplicas) {
        this.role = role;
        this.context = context;
        this.address = address;
        this.access = access;
        this.directory = directory;
        this.storage = storage;
        this.catalog = catalog;
        this.wal = wal;
        this.ingest = ingest;
        this.queries = queries;
        this.ingestReplicas = ingestReplicas;
    }

    void log(Duration startTime) {
        LOG.info(
                """
                        Weir {} is ready after {} s
                          http        http://{}:{} ({}; {})
                          data        {} ({} MiB free)
                          files       {}
                          catalog     {}
                          {}
                          memory      heap {} MiB{}{}""",
                BuildVersion.text(),
                String.format(Locale.ROOT, "%.1f", startTime.toMillis() / 1000.0),
                address,
                port(),
                role == ServeRole.STANDALONE ? "ingest and query" : role + " only",
                (access.tokensNeeded() ? "tokens needed: " : "no token needed: ") + access.reason(),
                directory.root(),
                directory.root().toFile().getUsableSpace() / MEBIBYTE,
                storage.place(),
                catalog.place(),
                wal == null ? "hot rows    of ingest replicas " + String.join(", ", ingestReplicas) : durability(wal),
                Runtime.getRuntime().maxMemory() / MEBIBYTE,
                ingest == null ? "" : ", of it ingest " + ingest.budget().limitBytes() / MEBIBYTE + " MiB",
                queries == null
                        ? ""
                        : "; queries " + queries.engineMemoryBytes() / MEBIBYTE + " MiB outside of it, "
                                + queries.sessionsAtOnce() + " at once");
    }

    private int port() {
        return context.getWebServer() == null ? 0 : context.getWebServer().getPort();
    }

    private static String durability(WalSettings wal) {
        return wal.sync() == SyncMode.ASYNC
                ? "durability  a 204 is sent before the disk has the rows; it has them within "
                        + wal.syncInterval().toMillis() + " ms"
                : "durability  a 204 is sent after " + wal.sync().name().toLowerCase(Locale.ROOT)
                        + " of the write-ahead log, shared by all that wait";
    }
}
