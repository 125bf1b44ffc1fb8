package io.weir.standalone.server;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A subscriber by the WebSocket client of the JDK. Messages wait until they are asked for. */
final class TailClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = new JsonMapper();

    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final WebSocket socket;

    /** A whole message. */
    record Message(byte[] bytes, boolean text) {

        JsonNode json() {
            return JSON.readTree(bytes);
        }
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder text = new StringBuilder();
        private ByteBuffer binary = ByteBuffer.allocate(0);

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                messages.add(new Message(text.toString().getBytes(StandardCharsets.UTF_8), true));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
            binary = ByteBuffer.allocate(binary.capacity() + data.remaining())
                    .put(binary.flip())
                    .put(data);
            if (last) {
                messages.add(new Message(binary.array(), false));
                binary = ByteBuffer.allocate(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            closed.complete(-1);
        }
    }

    private TailClient(HttpClient http, URI uri, String token, List<String> protocols) {
        WebSocket.Builder builder = http.newWebSocketBuilder();
        if (!token.isEmpty()) {
            builder.header("Authorization", "Bearer " + token);
        }
        if (!protocols.isEmpty()) {
            builder.subprotocols(protocols.get(0));
        }
        socket = builder.buildAsync(uri, new Listener()).join();
    }

    /** Connects, and has the first message behind it. */
    static TailClient open(HttpClient http, int port, String query, String token, String... protocols) {
        URI uri = URI.create("ws://127.0.0.1:" + port + "/api/v1/subscribe?" + query);
        TailClient client = new TailClient(http, uri, token, List.of(protocols));
        JsonNode first = client.next().json();
        if (!first.path("type").asString().equals("subscribed")) {
            throw new AssertionError("the first message is " + first);
        }
        return client;
    }

    String protocol() {
        return socket.getSubprotocol();
    }

    /** The next message. */
    Message next() {
        try {
            Message message = messages.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (message == null) {
                throw new AssertionError("no message for " + PATIENCE);
            }
            return message;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Messages that came and were not asked for. */
    int waiting() {
        return messages.size();
    }

    /** Status of the close frame; -1 when the connection broke. */
    int closeCode() throws Exception {
        return closed.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Sends a close frame. */
    CompletableFuture<WebSocket> leave() {
        return socket.sendClose(WebSocket.NORMAL_CLOSURE, "");
    }

    @Override
    public void close() {
        socket.abort();
    }
}
