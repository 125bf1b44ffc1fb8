package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.MeterRegistry;
import io.weir.common.limit.Quotas;
import io.weir.standalone.server.AccessServer.Answer;
import io.weir.standalone.server.TailClient.Message;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The live tail of a whole server, by clients of other makers. REQUIREMENTS W1, W2, C3; LESSONS 41, 44, 47, 49, 56. */
class TailTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private static Path data;

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static AccessServer server;
    private static String operator;

    @BeforeAll
    static void start() throws Exception {
        server = new AccessServer(data, "weir.tail.sweep", "100ms", "weir.tail.ping-interval", "200ms");
        operator = Files.readString(data.resolve("operator-token")).strip();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static void write(String database, String lines) {
        Answer answer = server.send("POST", "/write?db=" + database, operator, lines);
        assertThat(answer.status()).as(answer.body()).isEqualTo(204);
    }

    private static TailClient open(String query, String... protocols) {
        return TailClient.open(HTTP, server.port(), query, operator, protocols);
    }

    private static List<Long> values(TailClient client, int count) {
        List<Long> values = new ArrayList<>();
        while (values.size() < count) {
            JsonNode message = client.next().json();
            assertThat(message.path("type").asString()).as(message.toString()).isEqualTo("rows");
            message.path("rows").forEach(row -> values.add(row.path("v").asLong()));
        }
        return values;
    }

    private static double gauge(String name) {
        return server.bean(MeterRegistry.class).get(name).gauge().value();
    }

    private static void awaitNobody() {
        Awaitility.await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(gauge("weir.tail.subscriptions")).isZero();
            assertThat(gauge("weir.tail.rooms")).isZero();
            assertThat(gauge("weir.tail.bytes")).isZero();
        });
    }

    @Test
    void rowsComeOnceInTheirOrderAndOnlyThoseAskedFor() {
        try (TailClient all = open("db=one&measurement=cpu");
                TailClient some = open("db=one&measurement=cpu&where=v%20%3E=%2010%20AND%20host%20=%20%27b%27");
                TailClient other = open("db=two&measurement=cpu")) {
            List<Long> sent = new ArrayList<>();
            for (long i = 0; i < 20; i++) {
                write(
                        "one",
                        "cpu,host=" + (i % 2 == 0 ? "a" : "b") + " v=" + i + "i,w=0.5 " + (i + 1) * 1_000_000_000L);
                sent.add(i);
            }
            assertThat(values(all, 20)).isEqualTo(sent);
            assertThat(values(some, 5)).containsExactly(11L, 13L, 15L, 17L, 19L);
            write("one", "cpu,host=b v=20i 123456789\nmem v=1i");
            JsonNode row = all.next().json().path("rows").path(0);
            assertThat(row).hasToString("{\"time\":\"1970-01-01T00:00:00.123456789Z\",\"host\":\"b\",\"v\":20}");
            assertThat(values(some, 1)).containsExactly(20L);
            assertThat(all.waiting() + some.waiting() + other.waiting()).isZero();
        }
        awaitNobody();
    }

    @Test
    void arrowFramesAreStreamsThatArrowReads() throws Exception {
        try (TailClient byProtocol = open("db=one&measurement=arrow&where=v%20!=%202", "weir.arrow");
                TailClient byParameter = open("db=one&measurement=arrow&format=arrow")) {
            assertThat(byProtocol.protocol()).isEqualTo("weir.arrow");
            write("one", "arrow,host=a v=1i 1\narrow,host=b v=2i 2\narrow,host=c v=3i 3");
            assertThat(arrow(byProtocol.next())).containsExactly(1L, 3L);
            assertThat(arrow(byParameter.next())).containsExactly(1L, 2L, 3L);
        }
        awaitNobody();
    }

    private static List<Long> arrow(Message message) throws IOException {
        assertThat(message.text()).isFalse();
        List<Long> values = new ArrayList<>();
        try (RootAllocator allocator = new RootAllocator();
                ArrowStreamReader reader =
                        new ArrowStreamReader(new ByteArrayInputStream(message.bytes()), allocator)) {
            while (reader.loadNextBatch()) {
                VectorSchemaRoot root = reader.getVectorSchemaRoot();
                assertThat(root.getSchema().getCustomMetadata()).containsOnlyKeys("weir.measurement");
                BigIntVector column = (BigIntVector) root.getVector("v");
                for (int row = 0; row < root.getRowCount(); row++) {
                    values.add(column.get(row));
                }
            }
        }
        return values;
    }

    @Test
    void anEventStreamHasIdsAndIsKeptAlive() throws Exception {
        try (Socket socket = request("db=one&measurement=events", "Accept: text/event-stream\r\n")) {
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(in.readLine()).startsWith("HTTP/1.1 200");
            await(in, "event: subscribed");
            await(in, "retry: 2000");
            write("one", "events v=1i 1\nevents v=2i 2");
            await(in, "event: rows");
            assertThat(in.readLine()).isEqualTo("id: 2");
            assertThat(in.readLine()).startsWith("data: {\"type\":\"rows\",\"rows\":[{\"time\":");
            await(in, ": still here");
            write("one", "events v=3i 3");
            await(in, "id: 3");
        }
        awaitNobody();
    }

    private static Socket request(String query, String headers) throws IOException {
        Socket socket = new Socket("127.0.0.1", server.port());
        socket.setSoTimeout((int) PATIENCE.toMillis());
        socket.getOutputStream()
                .write(("GET /api/v1/subscribe?" + query + " HTTP/1.1\r\nHost: 127.0.0.1:" + server.port()
                                + "\r\nAuthorization: Bearer " + operator + "\r\n" + headers + "\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static void await(BufferedReader in, String expected) throws IOException {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals(expected)) {
                return;
            }
        }
        throw new AssertionError("the stream ended before " + expected);
    }

    private static void assertRefused(int status, String query, String token) {
        assertThatThrownBy(() -> TailClient.open(HTTP, server.port(), query, token))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        e -> assertThat(e.getResponse().statusCode()).isEqualTo(status));
    }

    @Test
    void whatIsWrongIsSaidBeforeTheUpgrade() {
        assertRefused(401, "db=one&measurement=cpu", "");
        String reader = server.token(operator, "reader-of-two", "read:two", "");
        assertRefused(403, "db=one&measurement=cpu", reader);
        assertRefused(400, "db=one&measurement=", operator);
        assertRefused(400, "db=1one&measurement=cpu", operator);
        assertRefused(400, "db=one&measurement=cpu&format=xml", operator);
        assertRefused(400, "db=one&measurement=cpu&on_slow=wait", operator);
        assertRefused(400, "db=one&measurement=cpu&where=v%20%3E", operator);
        Answer bad = server.send(
                "GET",
                "/api/v1/subscribe?db=one&measurement=cpu&where=v%20=%20now()",
                Map.of("Authorization", "Bearer " + operator, "Accept", "text/event-stream"),
                "");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.json().path("code").asString()).isEqualTo("invalid-condition");
        assertThat(bad.json().path("position").asInt()).isEqualTo(5);
        Answer neither = server.send("GET", "/api/v1/subscribe?db=one&measurement=cpu", operator, "");
        assertThat(neither.status()).isEqualTo(400);
        assertThat(neither.body()).contains("text/event-stream");
        assertThat(server.send("POST", "/api/v1/subscribe?db=one&measurement=cpu", operator, "x")
                        .status())
                .isEqualTo(405);
        awaitNobody();
    }

    /** A page of another site must not read what a browser may reach. */
    @Test
    void pagesOfOtherSitesMayNotSubscribe() throws Exception {
        String upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        for (Map.Entry<String, String> origin : Map.of(
                        "http://evil.example", "403", "null", "403", "http://127.0.0.1:" + server.port(), "101")
                .entrySet()) {
            try (Socket socket = request("db=one&measurement=cpu", upgrade + "Origin: " + origin.getKey() + "\r\n")) {
                byte[] line = socket.getInputStream().readNBytes(12);
                assertThat(new String(line, StandardCharsets.US_ASCII))
                        .as(origin.getKey())
                        .endsWith(origin.getValue());
            }
        }
        // A request that asks for an upgrade and says it wrongly leaves nothing behind.
        try (Socket socket = request("db=one&measurement=cpu", "Upgrade: websocket\r\nConnection: Upgrade\r\n")) {
            byte[] line = socket.getInputStream().readNBytes(12);
            assertThat(new String(line, StandardCharsets.US_ASCII)).endsWith("400");
            awaitNobody();
        }
    }

    @Test
    void aTokenThatIsRevokedOrExpiresEndsItsSubscriptions() throws Exception {
        String token = server.token(operator, "revoked", "read:one", "");
        String expiring = server.token(operator, "expiring", "read:one", ",\"expires_in\":\"2s\"");
        try (TailClient client = TailClient.open(HTTP, server.port(), "db=one&measurement=cpu", token);
                TailClient shortly = TailClient.open(HTTP, server.port(), "db=one&measurement=cpu", expiring);
                TailClient other = open("db=one&measurement=cpu")) {
            JsonNode tokens =
                    server.send("GET", "/api/v1/auth/tokens", operator, "").json();
            String id = "";
            for (JsonNode known : tokens.path("tokens")) {
                id = known.path("name").asString().equals("revoked")
                        ? known.path("id").asString()
                        : id;
            }
            assertThat(server.send("POST", "/api/v1/auth/tokens/" + id + "/revoke", operator, "")
                            .status())
                    .isEqualTo(200);
            assertThat(client.closeCode()).isEqualTo(1008);
            assertThat(shortly.closeCode()).isEqualTo(1008);
            write("one", "cpu v=5i");
            assertThat(values(other, 1)).containsExactly(5L);
        }
        awaitNobody();
    }

    @Test
    void theQuotaOfAnOrganisationActs() {
        assertThat(server.send(
                                "POST",
                                "/api/v1/organizations",
                                Map.of("Authorization", "Bearer " + operator, "Content-Type", "application/json"),
                                "{\"name\":\"acme\",\"quotas\":{\"sockets\":1}}")
                        .status())
                .isEqualTo(201);
        Awaitility.await()
                .atMost(PATIENCE)
                .until(() -> server.bean(Quotas.class).limits("acme").sockets() == 1);
        String token = server.token(operator, "of-acme", "read", ",\"organization\":\"acme\"");
        try (TailClient one = TailClient.open(HTTP, server.port(), "db=one&measurement=cpu", token)) {
            assertRefused(429, "db=one&measurement=mem", token);
            // Rows of another organisation's database of the same name never come.
            write("one", "cpu v=6i");
            assertThat(one.waiting()).isZero();
        }
        awaitNobody();
    }

    @Test
    void roomsAreCountedByTheirNames() {
        try (TailClient one = open("db=one&measurement=gauged");
                TailClient two = open("db=one&measurement=gauged")) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(
                                    server.send("GET", "/metrics", operator, "").body())
                            .contains("weir_tail_room_subscriptions{room=\"default/one/gauged\"} 2"));
            assertThat(one.protocol() + two.protocol()).isEmpty();
        }
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(
                                server.send("GET", "/metrics", operator, "").body())
                        .doesNotContain("gauged"));
        awaitNobody();
    }

    /** LESSONS 40, 41: a reader that stops costs a bounded amount of memory, and no writer any time. */
    @Test
    void aReaderThatStopsHoldsUpNobody() throws Exception {
        String upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        String pad = "x".repeat(1_000);
        try (Socket stuck = request("db=one&measurement=burst", upgrade);
                TailClient fast = open("db=one&measurement=burst")) {
            stuck.setReceiveBufferSize(4 << 10);
            assertThat(stuck.getInputStream().readNBytes(12)).endsWith('1', '0', '1');
            long begin = System.nanoTime();
            for (int i = 0; i < 300; i++) {
                StringBuilder lines = new StringBuilder();
                for (int row = 0; row < 100; row++) {
                    lines.append("burst v=")
                            .append(i * 100 + row)
                            .append("i,pad=\"")
                            .append(pad)
                            .append("\"\n");
                }
                write("one", lines.toString());
                assertThat(gauge("weir.tail.bytes")).isLessThan(64 << 20);
            }
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PATIENCE.multipliedBy(3));
            List<Long> got = new ArrayList<>();
            long missed = 0;
            while (got.size() + missed < 30_000) {
                JsonNode message = fast.next().json();
                missed += message.path("type").asString().equals("missed")
                        ? message.path("rows").asLong()
                        : 0;
                if (message.path("type").asString().equals("rows")) {
                    message.path("rows").forEach(row -> got.add(row.path("v").asLong()));
                }
            }
            assertThat(got).isSorted().doesNotHaveDuplicates().endsWith(29_999L);
            assertThat(missed).isLessThan(30_000);
        }
        awaitNobody();
    }
}
