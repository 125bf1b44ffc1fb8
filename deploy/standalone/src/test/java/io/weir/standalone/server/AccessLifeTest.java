package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.standalone.cli.ServeOptions;
import io.weir.standalone.server.AccessServer.Answer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tokens of a server from its first start to their recovery, and quotas that act. REQUIREMENTS C3, C4. */
class AccessLifeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path data;

    private String operator() throws Exception {
        return Files.readString(data.resolve("operator-token")).strip();
    }

    private static Answer json(AccessServer server, String method, String path, String token, String json) {
        return server.send(
                method, path, Map.of("Authorization", "Bearer " + token, "Content-Type", "application/json"), json);
    }

    private static int status(AccessServer server, String token) {
        return server.send("GET", "/api/v1/auth/verify", token, "").status();
    }

    @Test
    void theFirstTokenIsGivenOnceAndAnotherIsRecoveredOnlyWhenStopped() throws Exception {
        String first;
        try (AccessServer server = new AccessServer(data)) {
            first = operator();
            assertThat(Files.getPosixFilePermissions(data.resolve("operator-token")))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            assertThat(status(server, first)).isEqualTo(200);
            ServeOptions options = new ServeOptions(0, data, Optional.empty(), Map.of());
            assertThatThrownBy(() -> TokenRecoveryRunner.recover(options, "mine"))
                    .hasMessageContaining("is in use");
        }
        Files.delete(data.resolve("operator-token"));
        String recovered = TokenRecoveryRunner.recover(
                new ServeOptions(0, data, Optional.empty(), Map.of("weir.auth.hash-cost", "4")), "mine");
        try (AccessServer server = new AccessServer(data)) {
            assertThat(data.resolve("operator-token")).doesNotExist();
            assertThat(status(server, first)).isEqualTo(200);
            Answer who = server.send("GET", "/api/v1/auth/verify", recovered, "");
            assertThat(who.json().path("name").asString()).isEqualTo("mine");
            assertThat(who.json().path("operator").asBoolean()).isTrue();
            assertThat(server.send("GET", "/api/v1/auth/audit", recovered, "").body())
                    .contains("token.recovered", "token.bootstrapped", "command line");
        }
    }

    @Test
    void aTokenIsShownOnceRotatedRevokedAndRemoved() throws Exception {
        try (AccessServer server = new AccessServer(data)) {
            String operator = operator();
            Answer made = json(server, "POST", "/api/v1/auth/tokens", operator, """
                    {"name":"gateway","expires_in":"90d",
                     "permissions":[{"database":"fleet_*","allow":["read","write"]},"delete"]}""");
            assertThat(made.status()).isEqualTo(201);
            assertThat(made.header("cache-control")).isEqualTo("no-store");
            String token = made.json().path("token").asString();
            String path = made.header("location");
            assertThat(path)
                    .isEqualTo("/api/v1/auth/tokens/" + made.json().path("id").asString());
            Answer seen = server.send("GET", path, operator, "");
            assertThat(seen.body()).contains("gateway", "fleet_*", "expires_at").doesNotContain(token);
            assertThat(server.send("GET", "/api/v1/auth/tokens", operator, "").body())
                    .contains("gateway")
                    .doesNotContain(token, "$2a$");

            assertThat(status(server, token)).isEqualTo(200);
            String next = json(server, "POST", path + "/rotate", operator, "{\"grace\":\"1h\"}")
                    .json()
                    .path("token")
                    .asString();
            assertThat(status(server, token)).isEqualTo(200);
            assertThat(status(server, next)).isEqualTo(200);
            String last = server.send("POST", path + "/rotate", operator, "")
                    .json()
                    .path("token")
                    .asString();
            assertThat(status(server, token)).isEqualTo(401);
            assertThat(status(server, next)).isEqualTo(401);
            assertThat(status(server, last)).isEqualTo(200);
            assertThat(server.send("POST", path + "/revoke", operator, "").status())
                    .isEqualTo(200);
            assertThat(status(server, last)).isEqualTo(401);
            assertThat(server.send("DELETE", path, operator, "").status()).isEqualTo(204);
            assertThat(server.send("GET", path, operator, "").status()).isEqualTo(404);
            assertThat(server.send("GET", "/api/v1/auth/audit?limit=5", operator, "")
                            .body())
                    .contains("token.removed", "token.revoked", "token.rotated", "token.created", "first operator")
                    .doesNotContain(last);
            assertThat(server.send("GET", "/api/v1/auth/cache/stats", operator, "")
                            .body())
                    .contains("\"hits\"", "\"sweeps\"", "\"max_size\":10000");
            assertThat(server.send("GET", "/metrics", operator, "").body())
                    .contains("weir_auth_cache_hits_total", "weir_auth_refused_total", "weir_limits_refused_total");
            assertThat(server.send("GET", "/metrics", "", "").status()).isEqualTo(401); // unless they are public
        }
    }

    @Test
    void wrongWishesAreExplained() throws Exception {
        try (AccessServer server = new AccessServer(data)) {
            String operator = operator();
            for (String wish : new String[] {
                "[]",
                "{",
                "{\"permissions\":[\"read\"]}",
                "{\"name\":\"a\"}",
                "{\"name\":\"a\",\"permissions\":[]}",
                "{\"name\":\"a\",\"permissions\":[\"reed\"]}",
                "{\"name\":\"a\",\"permissions\":[{\"database\":\"a b\",\"allow\":[\"read\"]}]}",
                "{\"name\":\"a\",\"permissions\":[{\"database\":\"a\",\"allow\":[]}]}",
                "{\"name\":\"a\",\"permissions\":\"read\",\"expires_in\":\"soon\"}",
                "{\"name\":\"a\",\"permissions\":\"read\",\"expires_at\":\"2001-01-01T00:00:00Z\"}",
            }) {
                Answer answer = json(server, "POST", "/api/v1/auth/tokens", operator, wish);
                assertThat(answer.status()).as(wish + ": " + answer.body()).isEqualTo(400);
            }
            assertThat(json(server, "POST", "/api/v1/organizations", operator, "{\"name\":\"a/b\"}")
                            .status())
                    .isEqualTo(400);
            assertThat(json(
                                    server,
                                    "POST",
                                    "/api/v1/organizations",
                                    operator,
                                    "{\"name\":\"a\",\"quotas\":{\"rows\":1}}")
                            .body())
                    .contains("quota \\\"rows\\\" is not known");
            assertThat(server.send("DELETE", "/api/v1/organizations/default", operator, "")
                            .status())
                    .isEqualTo(409);
        }
    }

    @Test
    void everySchemeCarriesAToken() throws Exception { // API.md, Auth
        try (AccessServer server = new AccessServer(data)) {
            String token = operator();
            String basic = Base64.getEncoder().encodeToString(("any:" + token).getBytes(StandardCharsets.UTF_8));
            for (Map<String, String> headers : java.util.List.of(
                    Map.of("Authorization", "Bearer " + token),
                    Map.of("Authorization", "Token " + token),
                    Map.of("Authorization", "Basic " + basic),
                    Map.of("x-api-key", token))) {
                assertThat(server.send("POST", "/write?db=a", headers, "m v=1").status())
                        .as(headers.keySet().toString())
                        .isEqualTo(204);
            }
            assertThat(server.send("POST", "/write?db=a&u=any&p=" + token, Map.of(), "m v=1")
                            .status())
                    .isEqualTo(204);
        }
    }

    @Test
    void quotasAct() throws Exception {
        try (AccessServer server = new AccessServer(data)) {
            String operator = operator();
            json(server, "POST", "/api/v1/organizations", operator, "{\"name\":\"acme\"}");
            String token = server.token(operator, "acme", "admin", ",\"organization\":\"acme\"");
            String limits = "/api/v1/organizations/acme";
            String rows = "m v=1 1\nm v=2 2\nm v=3 3\n";

            quota(server, operator, limits, "\"rows_per_minute\":2");
            assertThat(server.send("POST", "/write?db=a", token, rows).status()).isEqualTo(204);
            Answer refused = server.send("POST", "/write?db=a", token, rows);
            assertThat(refused.status()).isEqualTo(429);
            assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(1, 31);
            assertThat(refused.json().path("error").asString()).contains("2 rows a minute");
            assertThat(server.send("POST", "/api/v1/import/lp?db=a", token, rows)
                            .status())
                    .isEqualTo(429);
            assertThat(server.send("POST", "/write?db=a", operator, rows).status())
                    .isEqualTo(204);

            quota(server, operator, limits, "\"rows_per_minute\":0,\"bytes_per_minute\":20");
            assertThat(server.send("POST", "/write?db=a", token, rows).status()).isEqualTo(204);
            assertThat(server.send("POST", "/write?db=a", token, rows)
                            .json()
                            .path("error")
                            .asString())
                    .contains("20 bytes a minute");

            quota(server, operator, limits, "\"bytes_per_minute\":0,\"concurrent_queries\":1");
            Runnable running = server.bean(io.weir.common.limit.Quotas.class).beginQuery("acme");
            Answer second = json(server, "POST", "/api/v1/query", token, "{\"sql\":\"SELECT 1\"}");
            assertThat(second.status()).isEqualTo(429);
            assertThat(second.header("retry-after")).isEqualTo("1");
            running.run();
            for (int i = 0; i < 3; i++) { // each gives its place back
                Awaitility.await()
                        .atMost(PATIENCE)
                        .untilAsserted(
                                () -> assertThat(json(server, "POST", "/api/v1/query", token, "{\"sql\":\"SELECT 1\"}")
                                                .status())
                                        .isEqualTo(200));
            }
            assertThat(json(server, "POST", "/api/v1/query", token, "{\"sql\":\"SELECT nope\"}")
                            .status())
                    .isEqualTo(400);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(
                            () -> assertThat(json(server, "POST", "/api/v1/query", token, "{\"sql\":\"SELECT 1\"}")
                                            .status())
                                    .isEqualTo(200));
            assertThat(server.send("DELETE", limits, operator, "").status()).isEqualTo(409); // it has a database
        }
    }

    private static void quota(AccessServer server, String operator, String path, String quotas) {
        Answer answer = json(server, "PUT", path, operator, "{\"quotas\":{" + quotas + "}}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void anAddressThatIsNotExemptIsLimited() throws Exception { // REQUIREMENTS O1
        try (AccessServer server =
                new AccessServer(data, "weir.rate-limit.exempt", "", "weir.rate-limit.per-address", "2")) {
            String operator = operator();
            assertThat(server.send("POST", "/write?db=a", operator, "m v=1").status())
                    .isEqualTo(204);
            assertThat(server.send("POST", "/write?db=a", operator, "m v=1").status())
                    .isEqualTo(204);
            Answer refused = server.send("POST", "/write?db=a", operator, "m v=1");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(Integer.parseInt(refused.header("retry-after"))).isBetween(1, 30);
            assertThat(status(server, operator)).isEqualTo(200);
        }
    }

    @Test
    void tokensAreNeededWhereOthersCanReachTheServer() {
        assertThat(AccessMode.of(null, "127.0.0.1").tokensNeeded()).isFalse();
        assertThat(AccessMode.of(null, "localhost").tokensNeeded()).isFalse();
        assertThat(AccessMode.of(null, "::1").tokensNeeded()).isFalse();
        assertThat(AccessMode.of(null, "0.0.0.0").tokensNeeded()).isTrue();
        assertThat(AccessMode.of(null, "").tokensNeeded()).isTrue();
        assertThat(AccessMode.of(null, "192.0.2.1").tokensNeeded()).isTrue();
        assertThat(AccessMode.of(false, "0.0.0.0").tokensNeeded()).isFalse();
        assertThat(AccessMode.of(true, "127.0.0.1").tokensNeeded()).isTrue();
    }

    @Test
    void theFirstTokenIsPrintedPastTheLog() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        Path file = data.resolve("operator-token");
        Files.writeString(file, "an older one");
        new FirstToken(file, new PrintStream(printed, true, StandardCharsets.UTF_8)).give("weir_x");
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("weir_x", file.toString(), "weir token recover");
        assertThat(file).hasContent("weir_x");
    }
}
