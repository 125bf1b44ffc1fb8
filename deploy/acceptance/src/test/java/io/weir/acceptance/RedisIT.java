package io.weir.acceptance;

import static io.weir.acceptance.StoredRows.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.testing.FaultProxy;
import io.weir.testing.PostgresPeer;
import io.weir.testing.RedisPeer;
import io.weir.testing.S3Peer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two servers on one PostgreSQL, one bucket and one Redis, which may stall. REQUIREMENTS C4, C5, C6, O1. */
class RedisIT {

    private static final String QUERY = "{\"db\":\"iot\",\"sql\":\"SELECT count(*) AS c FROM m\"}";
    private static final int TOKEN_LIMIT = 30;

    private final S3Peer store = S3Peer.s3Proxy();
    private final PostgresPeer database = PostgresPeer.find();
    private final RedisPeer redis = RedisPeer.find();
    private final FaultProxy proxy = FaultProxy.inFrontOf(redis.server());
    private final String id = UUID.randomUUID().toString();

    @TempDir
    Path directory;

    private String operator = "";

    @AfterEach
    void close() {
        proxy.close();
    }

    private WeirProcess serve(String data) {
        List<String> settings = new ArrayList<>(StoredRows.s3(store.endpoint(), store.bucket(), "redis/" + id));
        settings.addAll(StoredRows.postgres(database, database.server(), "redis_" + id.replace("-", "")));
        settings.addAll(List.of(
                "weir.redis.url=" + redis.at(proxy.url()).url(),
                "weir.redis.timeout=300ms",
                "weir.redis.cache-timeout=2s", // a hit must not hang on how busy this machine is
                "weir.redis.memory-poll=200ms",
                "weir.auth.enabled=true",
                "weir.auth.public-metrics=true",
                "weir.auth.hash-cost=4",
                "weir.auth.revision-poll=1s",
                "weir.rate-limit.per-token=" + TOKEN_LIMIT));
        return WeirProcess.serve(directory.resolve(data), settings.toArray(String[]::new));
    }

    private static HttpResponse<String> send(WeirProcess server, String path, String token, String body) {
        return server.post(path, body, "Content-Type", "application/json", "Authorization", "Bearer " + token);
    }

    private JsonNode token(WeirProcess server) {
        HttpResponse<String> made =
                send(server, "/api/v1/auth/tokens", operator, "{\"name\":\"t\",\"permissions\":\"read,write\"}");
        assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
        return new JsonMapper().readTree(made.body());
    }

    private String health(WeirProcess server) {
        return server.get("/health", "Authorization", "Bearer " + operator).body();
    }

    @Test
    void replicasShareRevocationsLimitsAndResultsAndDoWithoutRedis() throws IOException {
        try (WeirProcess here = serve("a");
                WeirProcess there = serve("b")) {
            operator = Files.readString(directory.resolve("a/operator-token")).strip();
            revocationsHoldAtOnce(here, there);
            resultsAreShared(here, there);
            limitsAreShared(here, there);
            redisMayStall(here, there);
            assertThat(here.output() + there.output()).doesNotContain("ERROR", "LEAK");
        }
    }

    private void revocationsHoldAtOnce(WeirProcess here, WeirProcess there) {
        long start = System.nanoTime();
        int revocations = 8;
        long waited = 0;
        for (int i = 0; i < revocations; i++) {
            JsonNode made = token(here);
            String text = made.path("token").asString();
            assertThat(send(there, "/api/v1/auth/verify", text, "").statusCode())
                    .isEqualTo(200);
            String revoke = "/api/v1/auth/tokens/" + made.path("id").asString() + "/revoke";
            assertThat(send(here, revoke, operator, "").statusCode()).isEqualTo(200);
            long revoked = System.nanoTime();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> send(there, "/api/v1/auth/verify", text, "").statusCode() == 401);
            waited += System.nanoTime() - revoked;
        }
        assertThat(Duration.ofNanos(waited))
                .as(
                        "the time until %d revocations held, of %d ms in all; looking takes half a second each",
                        revocations, (System.nanoTime() - start) / 1_000_000)
                .isLessThan(Duration.ofMillis(250L * revocations));
    }

    private void resultsAreShared(WeirProcess here, WeirProcess there) {
        assertThat(send(here, "/write?db=iot", operator, "m v=1 1").statusCode())
                .isEqualTo(204);
        assertThat(send(here, "/api/v1/flush", operator, "").statusCode()).isBetween(200, 299);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() ->
                        send(there, "/api/v1/query", operator, QUERY).body().contains("[[1]]"));
        assertThat(send(here, "/write?db=iot", operator, "m v=2 2").statusCode())
                .isEqualTo(204);
        assertThat(send(here, "/api/v1/flush", operator, "").statusCode()).isBetween(200, 299);
        // From here on nothing changes: what one of them has made the other finds.
        Awaitility.await().atMost(PATIENCE).until(() -> {
            HttpResponse<String> answer = send(here, "/api/v1/query", operator, QUERY);
            return answer.body().contains("[[2]]")
                    && answer.headers().firstValue("Weir-Cache").orElse("").equals("hit");
        });
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> StoredRows.metric(here, "weir_redis_requests{link=\"cache\"}") == 0);
        HttpResponse<String> answer = send(there, "/api/v1/query", operator, QUERY);
        assertThat(answer.body()).contains("[[2]]");
        assertThat(answer.headers().firstValue("Weir-Cache")).contains("hit");
        assertThat(send(there, "/api/v1/cache/invalidate", operator, "{\"database\":\"iot\"}")
                        .body())
                .contains("\"invalidated\":1");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> send(here, "/api/v1/query", operator, QUERY)
                        .headers()
                        .firstValue("Weir-Cache")
                        .orElse("")
                        .equals("miss"));
    }

    private void limitsAreShared(WeirProcess here, WeirProcess there) {
        String writer = token(here).path("token").asString();
        int servedHere = served(here, writer);
        assertThat(servedHere).isBetween(TOKEN_LIMIT, TOKEN_LIMIT + 10);
        // By itself it would serve as many again; it hears of the other's within a tenth of a second.
        assertThat(served(there, writer)).isLessThan(TOKEN_LIMIT / 2);
    }

    private static int served(WeirProcess server, String token) {
        for (int i = 0; i < 10 * TOKEN_LIMIT; i++) {
            int status = send(server, "/write?db=iot", token, "other v=1 1").statusCode();
            if (status == 429) {
                return i;
            }
            assertThat(status).isEqualTo(204);
        }
        throw new AssertionError("no limit");
    }

    private void redisMayStall(WeirProcess here, WeirProcess there) {
        assertThat(health(here)).contains("\"redis\":{").contains("\"signals\":\"connected\"");
        assertThat(StoredRows.metric(here, "weir_redis_memory_used_bytes")).isPositive();
        proxy.stall();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> health(here).contains("\"signals\":\"away\"")
                        && health(there).contains("\"signals\":\"away\""));
        long start = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            assertThat(send(here, "/api/v1/query", operator, QUERY).statusCode())
                    .isEqualTo(200);
            assertThat(send(there, "/api/v1/query", operator, QUERY).statusCode())
                    .isEqualTo(200);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        // A revocation holds nevertheless, for the other looks by itself.
        JsonNode made = token(here);
        String text = made.path("token").asString();
        assertThat(send(there, "/api/v1/auth/verify", text, "").statusCode()).isEqualTo(200);
        send(here, "/api/v1/auth/tokens/" + made.path("id").asString() + "/revoke", operator, "");
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> send(there, "/api/v1/auth/verify", text, "").statusCode() == 401);
        proxy.heal();
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> health(here).contains("\"signals\":\"connected\"")
                        && health(there).contains("\"signals\":\"connected\""));
    }
}
