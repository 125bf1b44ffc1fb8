package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.WebsocketClientSpec;

/** How subscriptions end, seen by the client of Reactor Netty; each limit acts. REQUIREMENTS W2; LESSONS 3, 47. */
class TailEndTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path data;

    private AccessServer server;

    private AccessServer serve(String... settings) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of("weir.tail.sweep", "50ms"));
        server = new AccessServer(data, all.toArray(String[]::new));
        return server;
    }

    private String operator() throws Exception {
        return Files.readString(data.resolve("operator-token")).strip();
    }

    /** What a client got, and the status of the close frame at the end. */
    private final class Peer {
        private final List<String> texts = new CopyOnWriteArrayList<>();
        private final CompletableFuture<WebSocketCloseStatus> end = new CompletableFuture<>();

        Peer(String query) throws Exception {
            String token = operator();
            HttpClient.create()
                    .headers(headers -> headers.add("x-api-key", token))
                    .websocket(
                            WebsocketClientSpec.builder().protocols("weir.json").build())
                    .uri("ws://127.0.0.1:" + server.port() + "/api/v1/subscribe?" + query)
                    .handle((in, out) -> {
                        in.receiveCloseStatus().subscribe(end::complete, end::completeExceptionally);
                        return in.receive().asString().doOnNext(texts::add).then();
                    })
                    .subscribe(done -> {}, end::completeExceptionally);
        }

        Peer begun() {
            Awaitility.await().atMost(PATIENCE).until(() -> !texts.isEmpty() || end.isDone());
            return this;
        }

        int code() throws Exception {
            return end.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).code();
        }
    }

    @Test
    void aStopSaysThatTheServerGoesAway() throws Exception {
        Peer peer;
        try (AccessServer running = serve()) {
            peer = new Peer("db=one&measurement=cpu").begun();
            assertThat(running.send("POST", "/write?db=one", operator(), "cpu v=1i 1")
                            .status())
                    .isEqualTo(204);
            Awaitility.await().atMost(PATIENCE).until(() -> peer.texts.size() == 2);
        }
        assertThat(peer.code()).isEqualTo(1001);
        assertThat(peer.texts.get(1)).contains("\"v\":1");
    }

    @Test
    void oldAndIdleSubscriptionsEnd() throws Exception {
        try (AccessServer running = serve("weir.tail.max-age", "300ms")) {
            assertThat(new Peer("db=one&measurement=cpu").begun().code()).isEqualTo(1000);
            assertThat(running.port()).isPositive();
        }
        try (AccessServer running = serve("weir.tail.idle-timeout", "300ms")) {
            assertThat(new Peer("db=one&measurement=cpu").begun().code()).isEqualTo(1000);
            assertThat(running.port()).isPositive();
        }
    }

    @Test
    void aFullRoomIsRefusedBeforeTheUpgrade() throws Exception {
        try (AccessServer running = serve("weir.tail.max-per-room", "1")) {
            Peer first = new Peer("db=one&measurement=cpu").begun();
            Peer second = new Peer("db=one&measurement=cpu");
            assertThatThrownBy(second::code).hasCauseInstanceOf(WebSocketClientHandshakeException.class);
            AccessServer.Answer answer = running.send(
                    "GET",
                    "/api/v1/subscribe?db=one&measurement=cpu",
                    Map.of("x-api-key", operator(), "Accept", "text/event-stream"),
                    "");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("retry-after")).isEqualTo("10");
            assertThat(answer.json().path("code").asString()).isEqualTo("subscriptions-full");
            assertThat(first.end).isNotDone();
        }
    }

    @Test
    void theTailCanBeSwitchedOff() throws Exception {
        try (AccessServer running = serve("weir.tail.enabled", "false")) {
            AccessServer.Answer answer = running.send(
                    "GET",
                    "/api/v1/subscribe?db=one&measurement=cpu",
                    Map.of("x-api-key", operator(), "Accept", "text/event-stream"),
                    "");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body()).contains("no-row-feed", "weir.tail.enabled");
        }
    }

    /** Rows that nobody takes end the subscription of who asked for it, and no other. */
    @Test
    void aSlowReaderIsClosedWhenItAskedForIt() throws Exception {
        try (AccessServer running = serve(
                "weir.tail.frame-size", "4KB", "weir.tail.reader-buffer", "4KB", "weir.tail.room-buffer", "64KB")) {
            Peer other = new Peer("db=one&measurement=cpu").begun();
            try (Socket stuck = new Socket("127.0.0.1", running.port())) {
                stuck.getOutputStream()
                        .write(("GET /api/v1/subscribe?db=one&measurement=cpu&on_slow=close HTTP/1.1\r\nHost: x\r\n"
                                        + "x-api-key: " + operator() + "\r\nUpgrade: websocket\r\n"
                                        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(stuck.getInputStream().readNBytes(12)).endsWith('1', '0', '1');
                String lines = "cpu v=1i,pad=\"" + "x".repeat(5_000) + "\"\n";
                String token = operator();
                FunctionCounter closed = running.bean(MeterRegistry.class)
                        .get("weir.tail.closed")
                        .tag("reason", "slow")
                        .functionCounter();
                Awaitility.await().atMost(PATIENCE).until(() -> {
                    running.send("POST", "/write?db=one", token, lines.repeat(100));
                    return closed.count() == 1;
                });
            }
            assertThat(other.end).isNotDone();
        }
    }
}
