package io.weir.acceptance;

import io.weir.testing.PostgresPeer;
import io.weir.testing.S3Peer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Two ingest and two query replicas, each a process with a directory and ports of its own, on one PostgreSQL and one bucket. */
final class SplitCluster implements AutoCloseable {

    static final int REPLICAS = 2;
    private static final String TOKEN = "a-token-of-32-characters-or-more";

    private final S3Peer store = S3Peer.s3Proxy();
    private final PostgresPeer database = PostgresPeer.find();
    private final String id = UUID.randomUUID().toString();
    private final Path directory;
    private final List<Integer> ports = new ArrayList<>();
    private final List<Integer> internalPorts = new ArrayList<>();
    private final WeirProcess[] processes = new WeirProcess[2 * REPLICAS];

    SplitCluster(Path directory) {
        this.directory = directory;
        for (int i = 0; i < 2 * REPLICAS; i++) {
            ports.add(WeirProcess.freePort());
            internalPorts.add(WeirProcess.freePort());
        }
    }

    private List<String> shared() {
        List<String> settings = new ArrayList<>(StoredRows.s3(store.endpoint(), store.bucket(), "split/" + id));
        settings.addAll(StoredRows.postgres(database, database.server(), "split_" + id.replace("-", "")));
        settings.add("weir.internal.token=" + TOKEN);
        return settings;
    }

    /** Starts that ingest replica, on the ports and the directory it always has. */
    void startIngest(int replica) {
        List<String> settings = shared();
        settings.add("weir.internal.port=" + internalPorts.get(replica));
        settings.addAll(List.of(
                "weir.ingest.flush-age=1s",
                "weir.ingest.flush-max-age=2s",
                "weir.ingest.flush-min-size=8KB",
                "weir.wal.segment-size=256KB"));
        processes[replica] = WeirProcess.serve(
                "ingest", ports.get(replica), directory.resolve("ingest" + replica), settings.toArray(String[]::new));
    }

    /** Starts that query replica, on the port and the directory it always has. */
    void startQuery(int replica) {
        List<String> settings = shared();
        settings.add("weir.query.ingest-replicas=" + internalAddress(0) + "," + internalAddress(1));
        settings.add("weir.query.hot-timeout=3s");
        processes[REPLICAS + replica] = WeirProcess.serve(
                "query",
                ports.get(REPLICAS + replica),
                directory.resolve("query" + replica),
                settings.toArray(String[]::new));
    }

    /** The address at which query replicas read an ingest replica's hot rows. */
    String internalAddress(int replica) {
        return "127.0.0.1:" + internalPorts.get(replica);
    }

    WeirProcess ingest(int replica) {
        return processes[replica];
    }

    WeirProcess query(int replica) {
        return processes[REPLICAS + replica];
    }

    @Override
    public void close() {
        for (WeirProcess process : processes) {
            if (process != null) {
                process.close();
            }
        }
    }
}
