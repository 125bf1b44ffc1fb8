package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Replicas that ask for tokens: one made or revoked at any of them is known, or refused, at all. REQUIREMENTS C3. */
class SplitAccessIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ROWS = "{\"db\":\"iot\",\"sql\":\"SELECT v FROM m\"}";

    @TempDir
    Path directory;

    private static HttpResponse<String> send(WeirProcess server, String path, String token, String body) {
        return token.isEmpty()
                ? server.post(path, body, "Content-Type", "application/json")
                : server.post(path, body, "Content-Type", "application/json", "Authorization", "Bearer " + token);
    }

    private static JsonNode token(WeirProcess server, String by, String permissions) {
        HttpResponse<String> made =
                send(server, "/api/v1/auth/tokens", by, "{\"name\":\"t\",\"permissions\":\"" + permissions + "\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return new JsonMapper().readTree(made.body());
    }

    @Test
    void tokensAndWhatTheyMayHoldAtEveryReplica() throws IOException {
        try (SplitCluster cluster = new SplitCluster(directory, "weir.auth.enabled=true")) {
            List<WeirProcess> all = new ArrayList<>();
            for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
                cluster.startIngest(replica);
                all.add(cluster.ingest(replica));
            }
            for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
                cluster.startQuery(replica);
                all.add(cluster.query(replica));
            }
            String operator = Files.readString(directory.resolve("ingest0/operator-token"))
                    .strip();
            for (String later : List.of("ingest1", "query0", "query1")) {
                assertThat(directory.resolve(later).resolve("operator-token"))
                        .as("a second first token")
                        .doesNotExist();
            }
            for (WeirProcess server : all) {
                assertThat(send(server, "/api/v1/auth/verify", "", "").statusCode())
                        .isEqualTo(401);
                assertThat(send(server, "/api/v1/auth/verify", operator, "").statusCode())
                        .isEqualTo(200);
            }
            assertThat(send(cluster.ingest(0), "/write?db=iot", "", "m v=1").statusCode())
                    .isEqualTo(401);
            assertThat(send(cluster.ingest(0), "/write?db=iot", operator, "m v=1")
                            .statusCode())
                    .isEqualTo(204);

            String reader =
                    token(cluster.ingest(1), operator, "read:iot").path("token").asString();
            JsonNode other = token(cluster.query(1), operator, "read:lab");
            for (int replica = 0; replica < SplitCluster.REPLICAS; replica++) {
                WeirProcess server = cluster.query(replica);
                assertThat(send(server, "/api/v1/query", "", ROWS).statusCode()).isEqualTo(401);
                for (int i = 0; i < 2; i++) {
                    HttpResponse<String> rows = send(server, "/api/v1/query", reader, ROWS);
                    assertThat(rows.statusCode()).as(rows.body()).isEqualTo(200);
                    assertThat(rows.body()).contains("\"data\":[[1.0]]");
                    HttpResponse<String> refused =
                            send(server, "/api/v1/query", other.path("token").asString(), ROWS);
                    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(403);
                    assertThat(refused.body()).doesNotContain("1.0");
                }
            }

            String revoke = "/api/v1/auth/tokens/" + other.path("id").asString() + "/revoke";
            assertThat(send(cluster.query(1), revoke, operator, "").statusCode())
                    .isEqualTo(200);
            for (WeirProcess server : all) {
                Awaitility.await()
                        .atMost(PATIENCE)
                        .until(() -> send(
                                                server,
                                                "/api/v1/auth/verify",
                                                other.path("token").asString(),
                                                "")
                                        .statusCode()
                                == 401);
            }
        }
    }
}
