package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.PostgresPeer;
import io.weir.testing.S3Peer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/local-cluster/run} starts replicas that work together, and stops them in order. Issue 5 item 6. */
class LocalClusterIT {

    @TempDir
    Path directory;

    @Test
    void theScriptStartsReplicasAndStopsThemOnSigterm() throws IOException, InterruptedException {
        PostgresPeer database = PostgresPeer.find();
        try (LocalCluster cluster = new LocalCluster(directory, environment(S3Peer.s3Proxy(), database))) {
            cluster.awaitOutput("ready; Ctrl-C stops", 1);
            assertThat(cluster.post(cluster.ingestPort(0), "/write?db=iot", "m v=1i")
                            .statusCode())
                    .isEqualTo(204);
            assertThat(cluster.post(
                                    cluster.queryPort(0),
                                    "/api/v1/query",
                                    "{\"db\":\"iot\",\"sql\":\"SELECT v FROM m\"}")
                            .body())
                    .contains("[[1]]");
            cluster.stop();
            for (String replica : List.of("ingest-0", "query-0")) {
                assertThat(cluster.log(replica))
                        .contains("is ready after", "Weir has stopped")
                        .doesNotContain("ERROR", database.password());
            }
        }
    }

    private static Map<String, String> environment(S3Peer store, PostgresPeer database) {
        String id = UUID.randomUUID().toString().replace("-", "");
        Map<String, String> environment = new HashMap<>();
        environment.put("WEIR_CATALOG_URL", database.url("local_" + id));
        environment.put("WEIR_CATALOG_USERNAME", database.user());
        environment.put("WEIR_CATALOG_PASSWORD", database.password());
        environment.put("WEIR_S3_ENDPOINT", store.endpoint().toString());
        environment.put("WEIR_S3_BUCKET", store.bucket());
        environment.put("WEIR_S3_PREFIX", "local/" + id);
        environment.put("WEIR_S3_ACCESS_KEY", S3Peer.ACCESS_KEY);
        environment.put("WEIR_S3_SECRET_KEY", S3Peer.SECRET_KEY);
        environment.put("WEIR_REDIS_URL", "none");
        environment.put("WEIR_SETTINGS", "weir.warm-up.duration=0s");
        environment.put("INGEST_REPLICAS", "1");
        environment.put("QUERY_REPLICAS", "1");
        return environment;
    }
}
