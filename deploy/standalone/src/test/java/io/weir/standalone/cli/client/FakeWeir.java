package io.weir.standalone.cli.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/** A server on loopback that answers what a test tells it and remembers what it was asked. */
public final class FakeWeir implements AutoCloseable {

    /** A request as it arrived; the body is decompressed. */
    public record Request(String path, String query, Map<String, List<String>> headers, String body) {

        /** The first value of a header, or an empty text. */
        public String header(String name) {
            return headers.getOrDefault(name, List.of("")).get(0);
        }
    }

    /** An answer; {@code cut} breaks the connection in the middle of the body. */
    public record Answer(int status, Map<String, String> headers, String body, boolean cut) {

        public static Answer of(int status, String body) {
            return new Answer(status, Map.of(), body, false);
        }
    }

    private final HttpServer server;
    private final List<Request> requests = Collections.synchronizedList(new ArrayList<>());

    /** Answers each request with what {@code behaviour} makes of it. */
    public FakeWeir(Function<Request, Answer> behaviour) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", exchange -> answer(exchange, behaviour));
        server.start();
    }

    /** Gives the answers in order, and the last one for ever. */
    public static FakeWeir answering(Answer... answers) {
        Deque<Answer> left = new ArrayDeque<>(List.of(answers));
        return new FakeWeir(request -> left.size() > 1 ? left.removeFirst() : left.getFirst());
    }

    public String url() {
        return "http://127.0.0.1:" + port();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public List<Request> requests() {
        return List.copyOf(requests);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange, Function<Request, Answer> behaviour) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        if ("gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"))) {
            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        String query = exchange.getRequestURI().getQuery();
        Request request = new Request(
                exchange.getRequestURI().getPath(),
                query == null ? "" : query,
                Map.copyOf(exchange.getRequestHeaders()),
                new String(body, StandardCharsets.UTF_8));
        requests.add(request);
        Answer answer = behaviour.apply(request);
        answer.headers().forEach(exchange.getResponseHeaders()::set);
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        if (answer.status() == 204) {
            exchange.sendResponseHeaders(204, -1);
        } else {
            exchange.sendResponseHeaders(answer.status(), answer.cut() ? bytes.length + 100 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.getResponseBody().flush();
        }
        exchange.close();
    }
}
