package io.weir.storage.gcs;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.weir.storage.object.Checksum;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * A fake of ours of the six calls of Google's JSON API that the adapter makes, in memory, written from its public
 * documentation. What it proves is that the adapter keeps to our reading of it; nothing here has met the real service.
 */
final class FakeGcs implements AutoCloseable {

    /** Of every object: nobody asks for more than that it is recent. */
    private static final String UPDATED = Instant.now().toString();

    private static final int SESSION_UNIT_BYTES = 256 << 10;

    private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    private final Map<String, Session> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final DisposableServer server;
    private volatile String token = "";
    private volatile String publicUrl;

    private static final class Session {
        private final String name;
        private final String hash;
        private byte[] content = new byte[0];

        Session(String name, String hash) {
            this.name = name;
            this.hash = hash;
        }
    }

    FakeGcs() {
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(this::handle)
                .bindNow();
        publicUrl = url().toString();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.port());
    }

    /** Sessions are handed out under that address, as through a proxy. */
    void publicUrl(URI url) {
        publicUrl = url.toString();
    }

    /** From now on only requests with that token are answered. */
    void requireToken(String required) {
        token = required;
    }

    int requests() {
        return requests.get();
    }

    int openSessions() {
        return sessions.size();
    }

    private Publisher<Void> handle(HttpServerRequest request, HttpServerResponse response) {
        requests.incrementAndGet();
        return request.receive()
                .aggregate()
                .asByteArray()
                .defaultIfEmpty(new byte[0])
                .flatMap(body -> {
                    if (!token.isEmpty()
                            && !("Bearer " + token)
                                    .equals(request.requestHeaders().get("Authorization"))) {
                        return response.status(401).send().then();
                    }
                    return Mono.from(answer(request, response, body));
                });
    }

    private Publisher<Void> answer(HttpServerRequest request, HttpServerResponse response, byte[] body) {
        String path = request.uri().contains("?")
                ? request.uri().substring(0, request.uri().indexOf('?'))
                : request.uri();
        Map<String, List<String>> query = new QueryStringDecoder(request.uri()).parameters();
        HttpHeaders headers = request.requestHeaders();
        if (path.startsWith("/session/")) {
            return session(path.substring(9), request.method().name(), headers, response, body);
        }
        if (path.equals("/upload/storage/v1/b/bucket/o")) {
            return upload(query, headers, response, body);
        }
        if (path.equals("/storage/v1/b/bucket/o")) {
            return list(query, response);
        }
        if (path.startsWith("/storage/v1/b/bucket/o/")) {
            String name = QueryStringDecoder.decodeComponent(path.substring(23).replace("+", "%2B"));
            return switch (request.method().name()) {
                case "DELETE" ->
                    response.status(objects.remove(name) == null ? 404 : 204).send();
                case "GET" -> query.containsKey("alt") ? media(name, headers, response) : metadata(name, response);
                default -> response.status(405).send();
            };
        }
        return response.status(404).send();
    }

    private Publisher<Void> upload(
            Map<String, List<String>> query, HttpHeaders headers, HttpServerResponse response, byte[] body) {
        String name = query.get("name").get(0);
        if (!query.get("ifGenerationMatch").equals(List.of("0"))) {
            return response.status(400).send();
        }
        String hash = headers.get("X-Goog-Hash", "");
        if (query.get("uploadType").equals(List.of("media"))) {
            return response.status(create(name, body, hash)).sendString(Mono.just("{}"));
        }
        if (objects.containsKey(name)) {
            return response.status(412).send();
        }
        String id = Integer.toString(requests.get());
        sessions.put(id, new Session(name, hash));
        return response.status(200)
                .header("Location", publicUrl + "/session/" + id)
                .send();
    }

    private int create(String name, byte[] content, String hash) {
        if (!hash.isEmpty() && !hash.equals("crc32c=" + crc32c(content))) {
            return 400;
        }
        return objects.putIfAbsent(name, content) == null ? 200 : 412;
    }

    private static String crc32c(byte[] content) {
        return Base64.getEncoder()
                .encodeToString(ByteBuffer.allocate(4)
                        .putInt(Checksum.of(ByteBuffer.wrap(content)).value())
                        .array());
    }

    private Publisher<Void> session(
            String id, String method, HttpHeaders headers, HttpServerResponse response, byte[] body) {
        Session session = sessions.get(id);
        if (session == null) {
            return response.status(404).send();
        }
        if (method.equals("DELETE")) {
            sessions.remove(id);
            return response.status(499).send();
        }
        String range = headers.get("Content-Range").substring(6); // after "bytes "
        String total = range.substring(range.indexOf('/') + 1);
        synchronized (session) {
            if (!range.startsWith("*")) {
                int from = Integer.parseInt(range.substring(0, range.indexOf('-')));
                if (from != session.content.length || (total.equals("*") && body.length % SESSION_UNIT_BYTES != 0)) {
                    return response.status(400).send();
                }
                session.content = Arrays.copyOf(session.content, from + body.length);
                System.arraycopy(body, 0, session.content, from, body.length);
            }
            if (!total.equals("*") && session.content.length == Integer.parseInt(total)) {
                sessions.remove(id);
                return response.status(create(session.name, session.content, session.hash))
                        .sendString(Mono.just("{}"));
            }
            response.status(308);
            if (session.content.length > 0) {
                response.header("Range", "bytes=0-" + (session.content.length - 1));
            }
            return response.send();
        }
    }

    private Publisher<Void> metadata(String name, HttpServerResponse response) {
        byte[] content = objects.get(name);
        return content == null
                ? response.status(404).send()
                : response.sendString(Mono.just("{\"size\":\"" + content.length + "\",\"crc32c\":\"" + crc32c(content)
                        + "\",\"updated\":\"" + UPDATED + "\"}"));
    }

    private Publisher<Void> media(String name, HttpHeaders headers, HttpServerResponse response) {
        byte[] content = objects.get(name);
        if (content == null) {
            return response.status(404).send();
        }
        String[] range = headers.get("Range").substring(6).split("-");
        int from = (int) Math.min(Long.parseLong(range[0]), Integer.MAX_VALUE);
        if (from >= content.length) {
            return response.status(416).send();
        }
        byte[] part = Arrays.copyOfRange(content, from, (int) Math.min(content.length, Long.parseLong(range[1]) + 1));
        return response.status(206)
                .header("Content-Length", Integer.toString(part.length))
                .sendByteArray(Mono.just(part));
    }

    private Publisher<Void> list(Map<String, List<String>> query, HttpServerResponse response) {
        String prefix = query.get("prefix").get(0);
        int most = Integer.parseInt(query.get("maxResults").get(0));
        String from = Stream.of("pageToken", "startOffset")
                .filter(query::containsKey)
                .map(name -> query.get(name).get(0))
                .findFirst()
                .orElse("");
        List<Map.Entry<String, byte[]>> found = objects.tailMap(from).entrySet().stream()
                .filter(object -> object.getKey().startsWith(prefix))
                .limit(most + 1L)
                .toList();
        StringBuilder json = new StringBuilder("{");
        if (found.size() > most) {
            json.append("\"nextPageToken\":\"").append(found.get(most).getKey()).append("\",");
        }
        json.append("\"items\":[");
        found.stream()
                .limit(most)
                .forEach(object -> json.append(json.charAt(json.length() - 1) == '[' ? "" : ",")
                        .append("{\"name\":\"")
                        .append(object.getKey())
                        .append("\",\"size\":\"")
                        .append(object.getValue().length)
                        .append("\",\"updated\":\"" + UPDATED + "\"}"));
        return response.sendString(Mono.just(json.append("]}").toString()));
    }

    @Override
    public void close() {
        server.disposeNow();
    }
}
