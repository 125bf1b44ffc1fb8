package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.http.Access;
import io.weir.standalone.server.AccessServer.Answer;
import io.weir.standalone.server.RouteTable.Route;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every route of the server against every kind of token, and odd paths. REQUIREMENTS C3; LESSONS 52, 55, 56. */
class RouteAccessTest {

    private static final String HERE = ""; // the default organisation
    private static final String ACME = ",\"organization\":\"acme\"";

    @TempDir
    private static Path data;

    private static AccessServer server;
    private static List<Route> routes;
    private static String operator;
    private static String reader;
    private static String writer;
    private static String deleter;
    private static String admin;
    private static String foreigner;
    private static String labOnly;

    @BeforeAll
    static void start() throws Exception {
        server = new AccessServer(data, "weir.auth.public-metrics", "true");
        routes = RouteTable.of(server.routes());
        operator = Files.readString(data.resolve("operator-token")).strip();
        reader = server.token(operator, "reader", "read", HERE);
        writer = server.token(operator, "writer", "write", HERE);
        deleter = server.token(operator, "deleter", "delete", HERE);
        admin = server.token(operator, "admin", "admin", HERE);
        labOnly = server.token(operator, "lab", "read,write,delete,admin:lab_*", HERE);
        assertThat(server.send("POST", "/api/v1/organizations", operator, "").status())
                .isEqualTo(400);
        assertThat(post("/api/v1/organizations", operator, "{\"name\":\"acme\"}")
                        .status())
                .isEqualTo(201);
        foreigner = server.token(operator, "foreigner", "admin", ACME);
        assertThat(server.send("POST", "/write?db=secret", operator, "cpu,host=a v=1")
                        .status())
                .isEqualTo(204);
        assertThat(server.send("POST", "/write?db=lab_1", operator, "cpu,host=a v=2")
                        .status())
                .isEqualTo(204);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static Answer post(String path, String token, String json) {
        return server.send(
                "POST", path, Map.of("Authorization", "Bearer " + token, "Content-Type", "application/json"), json);
    }

    @Test
    void whatBecomesOfDuplicatesIsSaidByThoseWhoMayDeleteAndShown() { // issue 6, item 2
        String path = "/api/v1/databases/secret/measurements/cpu";
        assertThat(server.send("GET", path + "/schema", reader, "").body()).contains("\"dedup\":\"append\"");
        for (String word : List.of("last", "append")) {
            assertThat(put(path, deleter, "{\"dedup\":\"" + word + "\"}").body())
                    .isEqualTo("{\"measurement\":\"cpu\",\"dedup\":\"" + word + "\"}");
            assertThat(server.send("GET", path, reader, "").body()).contains("\"dedup\":\"" + word + "\"");
        }
        for (String token : List.of(reader, writer, labOnly)) {
            assertThat(put(path, token, "{\"dedup\":\"last\"}").status()).isEqualTo(403);
        }
        for (String wrong :
                List.of("", "{", "[]", "{\"dedup\":1}", "{\"dedup\":\"first\"}", "{\"dedup\":\"last\",\"x\":1}")) {
            Answer answer = put(path, deleter, wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(400);
            assertThat(answer.body()).contains("expected: {");
        }
        assertThat(put("/api/v1/databases/secret/measurements/nope", deleter, "{\"dedup\":\"last\"}")
                        .status())
                .isEqualTo(404);
    }

    private static Answer put(String path, String token, String json) {
        return server.send(
                "PUT", path, Map.of("Authorization", "Bearer " + token, "Content-Type", "application/json"), json);
    }

    private static String method(Route route) {
        return route.method().isEmpty() ? "PATCH" : route.method();
    }

    /** A token with every permission but the one that the route wants; empty when there is none. */
    private static List<String> lacking(Access access) {
        return switch (access) {
            case PUBLIC, ANY_TOKEN -> List.of();
            case READ -> List.of(writer, deleter);
            case WRITE -> List.of(reader, deleter);
            case DELETE -> List.of(reader, writer);
            case ADMIN -> List.of(reader, writer, deleter, labOnly);
            case OPERATOR -> List.of(reader, writer, deleter, labOnly, admin, foreigner);
        };
    }

    private static String having(Access access) {
        return switch (access) {
            case PUBLIC -> "";
            case ANY_TOKEN, READ -> reader;
            case WRITE -> writer;
            case DELETE -> deleter;
            case ADMIN -> admin;
            case OPERATOR -> operator;
        };
    }

    @Test
    void everyRouteSaysWhoMayUseIt() {
        assertThat(routes)
                .hasSizeGreaterThan(60)
                .allSatisfy(
                        route -> assertThat(route.access()).as(route.toString()).isNotNull());
        assertThat(routes)
                .filteredOn(route -> route.access() == Access.PUBLIC)
                .extracting(route -> route.method() + " " + route.path())
                .containsExactlyInAnyOrder(
                        "GET /ping",
                        "HEAD /ping",
                        "GET /metrics",
                        "GET /health/liveness",
                        "HEAD /health/liveness",
                        "GET /health/readiness",
                        "HEAD /health/readiness");
    }

    @Test
    void everyRouteRefusesWhoMayNotUseIt() {
        for (Route route : routes) {
            Access access = route.access() == null ? Access.OPERATOR : route.access();
            if (access != Access.PUBLIC) {
                assertThat(server.raw(method(route), route.sample(), ""))
                        .as(route + " without a token")
                        .isEqualTo(401);
                assertThat(server.raw(method(route), route.sample(), operator.replace('_', '-')))
                        .as(route + " with what is no token")
                        .isEqualTo(401);
            }
            for (String token : lacking(access)) {
                assertThat(server.raw(method(route), route.sample(), token))
                        .as(route + " with another permission")
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void everyRouteLetsThoseInWhoMayUseIt() {
        for (Route route : routes) {
            Access access = route.access() == null ? Access.OPERATOR : route.access();
            assertThat(server.raw(method(route), route.sample(), having(access)))
                    .as(route + " with its permission")
                    .isNotIn(0, 401, 403, 429)
                    .isLessThan(500);
        }
    }

    @Test
    void noOddPathReachesAnythingWithoutAToken() { // LESSONS 55
        for (String target : new TreeSet<>(List.of(
                "/metrics/../api/v1/query?q=SELECT+1",
                "/metrics/%2e%2e/api/v1/query?q=SELECT+1",
                "/ping/../write",
                "/health/liveness/../../api/v1/auth/tokens",
                "/health/liveness%2f..%2f..%2fapi%2fv1%2fauth%2ftokens",
                "/./api/v1/auth/tokens",
                "/%2e/api/v1/auth/tokens",
                "//api/v1/auth/tokens",
                "/api//v1/auth/tokens",
                "/api/v1/auth/tokens/",
                "/api/v1/auth%2ftokens",
                "/API/V1/AUTH/TOKENS",
                "/api/v1/%61uth/tokens",
                "/api/v1/auth/tokens;public=1",
                "/api/v1/auth/tokens%00",
                "/api/v1/auth/tokens?x=/metrics",
                "/api/v1/auth/tokens#/metrics",
                "/metrics/",
                "/METRICS",
                "/metrics/api/v1/auth/tokens",
                "/metrics%2f",
                "/ping/",
                "/PING",
                "//ping",
                "/health",
                "/health/",
                "/health/liveness/",
                "/health/Liveness",
                "/",
                "*",
                "http://x/api/v1/auth/tokens",
                "http://x/metrics/../api/v1/auth/tokens"))) {
            for (String method : List.of("GET", "POST", "HEAD", "DELETE", "OPTIONS", "PUT")) {
                assertThat(server.raw(method, target, ""))
                        .as(method + " " + target)
                        .isIn(400, 401);
            }
        }
    }

    @Test
    void aDatabaseIsReadAndWrittenOnlyWithItsPermission() {
        for (String path : List.of(
                "/write?db=secret",
                "/api/v2/write?bucket=secret",
                "/api/v3/write_lp?db=secret",
                "/api/v1/write/line-protocol?db=secret",
                "/api/v1/write/msgpack?db=secret",
                "/api/v1/write/arrow?measurement=m&db=secret",
                "/api/v1/write/ndjson?measurement=m&db=secret",
                "/api/v1/import/lp?db=secret",
                "/api/v1/import/csv?db=secret&measurement=m",
                "/api/v1/import/parquet?db=secret&measurement=m")) {
            assertThat(server.send("POST", path, labOnly, "cpu v=1").status())
                    .as(path)
                    .isEqualTo(403);
        }
        assertThat(server.send("POST", "/write?db=lab_2", labOnly, "cpu v=1").status())
                .isEqualTo(204);
        for (String path : List.of(
                "/api/v1/databases/secret",
                "/api/v1/databases/secret/measurements",
                "/api/v1/databases/secret/measurements/cpu",
                "/api/v1/databases/secret/measurements/cpu/schema",
                "/api/v1/query?db=secret&q=SELECT+*+FROM+cpu",
                "/api/v3/query_sql?db=secret&q=SELECT+*+FROM+cpu")) {
            assertThat(server.send("GET", path, labOnly, "").status()).as(path).isEqualTo(403);
            assertThat(server.send("GET", path, reader, "").status()).as(path).isEqualTo(200);
        }
        assertThat(post("/api/v1/databases", labOnly, "{\"name\":\"secret2\"}").status())
                .isEqualTo(403);
        assertThat(server.send("POST", "/query?q=CREATE+DATABASE+secret2", labOnly, "")
                        .status())
                .isEqualTo(403);
        assertThat(server.send("GET", "/api/v1/databases", labOnly, "").body())
                .contains("lab_1")
                .doesNotContain("secret");
        assertThat(server.send("GET", "/query?q=SHOW+DATABASES", labOnly, "").body())
                .contains("lab_1")
                .doesNotContain("secret");
        assertThat(post("/api/v1/query", labOnly, "{\"sql\":\"SHOW DATABASES\"}")
                        .body())
                .contains("lab_1")
                .doesNotContain("secret");
    }

    @Test
    void aStatementReadsOnlyWhatItsTokenMay() { // LESSONS 52: what was resolved is what is authorised
        for (String sql : List.of(
                "SELECT * FROM secret.cpu",
                "SELECT * FROM \\\"secret\\\".\\\"cpu\\\"",
                "SELECT * FROM /* lab_1. */ secret . cpu",
                "WITH cpu AS (SELECT 1) SELECT * FROM secret.cpu",
                "WITH lab_1 AS (SELECT * FROM secret.cpu) SELECT * FROM lab_1",
                "SELECT * FROM lab_1.cpu WHERE v IN (SELECT v FROM secret.cpu)",
                "SELECT (SELECT max(v) FROM secret.cpu) FROM lab_1.cpu",
                "SELECT * FROM lab_1.cpu UNION ALL SELECT * FROM secret.cpu",
                "SELECT * FROM lab_1.cpu a JOIN secret.CPU b ON a.v = b.v",
                "DESCRIBE secret.cpu",
                "SHOW TABLES FROM secret",
                "EXPLAIN SELECT * FROM secret.cpu")) {
            Answer answer = post("/api/v1/query?db=lab_1", labOnly, "{\"sql\":\"" + sql + "\"}");
            assertThat(answer.status()).as(sql + ": " + answer.body()).isIn(400, 403);
            assertThat(answer.body()).as(sql).doesNotContain("\"data\"");
            Answer asReader = post("/api/v1/query?db=lab_1", reader, "{\"sql\":\"" + sql + "\"}");
            assertThat(asReader.status() == 200).as(sql).isEqualTo(answer.status() == 403);
        }
        assertThat(post("/api/v1/query/estimate?db=lab_1", labOnly, "{\"sql\":\"SELECT * FROM secret.cpu\"}")
                        .status())
                .isEqualTo(403);
        assertThat(post("/api/v1/query?db=secret", labOnly, "{\"sql\":\"SELECT v FROM lab_1.cpu\"}")
                        .body())
                .contains("2.0");
    }

    @Test
    void aKeptResultIsOnlyForThoseWhoMayReadWhatItIsMadeOf() {
        for (Map.Entry<String, String> asked : Map.of(
                        "lab_1", "{\"sql\":\"SELECT v AS kept FROM secret.cpu\"}",
                        "secret", "{\"sql\":\"SELECT v AS kept FROM cpu\"}")
                .entrySet()) {
            String path = "/api/v1/query?db=" + asked.getKey();
            for (String expected : List.of("miss", "hit")) {
                Answer answer = post(path, reader, asked.getValue());
                assertThat(answer.header("weir-cache")).as(answer.body()).isEqualTo(expected);
                assertThat(answer.body()).contains("\"data\":[[1.0]]");
            }
            Answer refused = post(path, labOnly, asked.getValue());
            assertThat(refused.status()).as(refused.body()).isEqualTo(403);
            assertThat(refused.header("weir-cache")).isEmpty();
            assertThat(refused.body()).contains("forbidden").doesNotContain("1.0");
            assertThat(post(path, admin, asked.getValue()).header("weir-cache")).isEqualTo("hit");
        }
    }

    @Test
    void pagesAreOnlyForTheTokenThatAsked() { // LESSONS 52
        String asked = "{\"sql\":\"SELECT range FROM range(3) ORDER BY range\",\"page_size\":1}";
        String cursor = post("/api/v1/query", reader, asked).header("weir-next-cursor");
        assertThat(cursor).isNotEmpty();
        String sameName = server.token(operator, "reader", "read", HERE);
        for (String other : List.of(sameName, admin, operator, foreigner, labOnly)) {
            Answer refused = post("/api/v1/query", other, "{\"cursor\":\"" + cursor + "\"}");
            assertThat(refused.status()).as(refused.body()).isEqualTo(403);
            assertThat(refused.body()).contains("cursor-foreign");
            assertThat(server.send("GET", "/api/v1/query?cursor=" + cursor, other, "")
                            .status())
                    .isEqualTo(403);
        }
        assertThat(post("/api/v1/query", reader, "{\"cursor\":\"" + cursor + "\"}")
                        .body())
                .contains("\"data\":[[1]]");
    }

    @Test
    void organisationsDoNotMeet() {
        assertThat(server.send("GET", "/api/v1/databases", foreigner, "").body())
                .doesNotContain("secret");
        assertThat(server.send("GET", "/api/v1/databases/secret", foreigner, "").status())
                .isEqualTo(404);
        assertThat(post("/api/v1/query?db=secret", foreigner, "{\"sql\":\"SELECT * FROM cpu\"}")
                        .status())
                .isEqualTo(404);
        assertThat(server.send("POST", "/write?db=secret", foreigner, "cpu,host=a v=9")
                        .status())
                .isEqualTo(204);
        assertThat(post("/api/v1/query?db=secret", foreigner, "{\"sql\":\"SELECT v FROM cpu\"}")
                        .body())
                .contains("[9.0]");
        assertThat(post("/api/v1/query?db=secret", reader, "{\"sql\":\"SELECT v FROM cpu\"}")
                        .body())
                .contains("\"data\":[[1.0]]");

        String id = server.send("GET", "/api/v1/auth/verify", reader, "")
                .json()
                .path("id")
                .asString();
        assertThat(server.send("GET", "/api/v1/auth/tokens", foreigner, "").body())
                .doesNotContain(id);
        assertThat(server.send("GET", "/api/v1/auth/tokens?organization=default", foreigner, "")
                        .status())
                .isEqualTo(403);
        assertThat(server.send("GET", "/api/v1/auth/tokens/" + id, foreigner, "")
                        .status())
                .isEqualTo(404);
        for (String act : List.of("/rotate", "/revoke")) {
            assertThat(server.send("POST", "/api/v1/auth/tokens/" + id + act, foreigner, "")
                            .status())
                    .isEqualTo(404);
        }
        assertThat(server.send("DELETE", "/api/v1/auth/tokens/" + id, foreigner, "")
                        .status())
                .isEqualTo(404);
        assertThat(server.send("GET", "/api/v1/organizations", foreigner, "").body())
                .contains("acme")
                .doesNotContain("default");
        assertThat(server.send("GET", "/api/v1/organizations/default", foreigner, "")
                        .status())
                .isEqualTo(404);
        assertThat(server.send("GET", "/api/v1/auth/audit", foreigner, "").body())
                .doesNotContain("\"default\"");
        assertThat(server.send("GET", "/api/v1/auth/verify", reader, "").status())
                .isEqualTo(200);
    }

    @Test
    void nobodyGivesMoreThanTheyHave() {
        String wish = "{\"name\":\"more\",\"permissions\":[\"admin\"]";
        assertThat(post("/api/v1/auth/tokens", admin, wish + ",\"operator\":true}")
                        .status())
                .isEqualTo(403);
        assertThat(post("/api/v1/auth/tokens", admin, wish + ACME + "}").status())
                .isEqualTo(403);
        String id = server.send("GET", "/api/v1/auth/verify", operator, "")
                .json()
                .path("id")
                .asString();
        for (String act : List.of("/rotate", "/revoke")) {
            assertThat(server.send("POST", "/api/v1/auth/tokens/" + id + act, admin, "")
                            .status())
                    .isEqualTo(403);
        }
        assertThat(server.send("DELETE", "/api/v1/auth/tokens/" + id, admin, "").status())
                .isEqualTo(403);
    }

    @Test
    void refusalsSpeakTheOriginsDialect() {
        assertThat(server.send("POST", "/write?db=a", "", "m v=1")
                        .json()
                        .path("error")
                        .asString())
                .contains("this route needs a token");
        assertThat(server.send("POST", "/api/v2/write?bucket=a", "", "m v=1")
                        .json()
                        .path("code")
                        .asString())
                .isEqualTo("unauthorized");
        assertThat(server.send("POST", "/api/v3/query_sql", "", "{}")
                        .json()
                        .path("error")
                        .asString())
                .contains("this route needs a token");
        Answer problem = server.send("GET", "/api/v1/databases", "", "");
        assertThat(problem.json().path("code").asString()).isEqualTo("unauthenticated");
        assertThat(problem.header("www-authenticate")).isEqualTo("Bearer realm=\"weir\"");
    }

    @Test
    void healthTellsStrangersNothingButThatItIsUp() {
        for (String path : List.of("/health/liveness", "/health/readiness")) {
            assertThat(server.send("GET", path, "", "").body()).isEqualTo("{\"status\":\"UP\"}");
            assertThat(server.send("GET", path, reader, "").body()).contains("version");
        }
    }
}
