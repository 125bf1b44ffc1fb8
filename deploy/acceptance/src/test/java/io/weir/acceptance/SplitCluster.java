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
    private final List<String> settings;
    private final List<Integer> ports = new ArrayList<>();
    private final List<Integer> internalPorts = new ArrayList<>();
    private final WeirProcess[] processes = new WeirProcess[2 * REPLICAS];

    /** A cluster with those settings, in each of its processes. */
    SplitCluster(Path directory, String... settings) {
        this.directory = directory;
        this.settings = List.of(settings);
        for (int i = 0; i < 2 * REPLICAS; i++) {
            ports.add(WeirProcess.freePort());
            internalPorts.add(WeirProcess.freePort());
        }
    }

    private List<String> shared() {
        List<String> all = new ArrayList<>(settings);
        all.addAll(StoredRows.s3(store.endpoint(), store.bucket(), "split/" + id));
        all.addAll(StoredRows.postgres(database, database.server(), "split_" + id.replace("-", "")));
        all.add("weir.internal.token=" + TOKEN);
        return all;
    }

    /** Starts that ingest replica, on the ports and the directory it always has. */
    void startIngest(int replica) {
        List<String> own = shared();
        own.add("weir.internal.port=" + internalPorts.get(replica));
        own.addAll(List.of(
                "weir.ingest.flush-age=1s",
                "weir.ingest.flush-max-age=2s",
                "weir.ingest.flush-min-size=8KB",
                "weir.wal.segment-size=256KB"));
        processes[replica] = WeirProcess.serve(
                "ingest", ports.get(replica), directory.resolve("ingest" + replica), own.toArray(String[]::new));
    }

    /** Starts that query replica, on the port and the directory it always has. */
    void startQuery(int replica) {
        List<String> own = shared();
        own.add("weir.query.ingest-replicas=" + internalAddress(0) + "," + internalAddress(1));
        own.add("weir.query.hot-timeout=3s");
        processes[REPLICAS + replica] = WeirProcess.serve(
                "query",
                ports.get(REPLICAS + replica),
                directory.resolve("query" + replica),
                own.toArray(String[]::new));
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
