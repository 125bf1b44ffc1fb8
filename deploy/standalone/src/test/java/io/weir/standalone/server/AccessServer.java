package io.weir.standalone.server;

import io.weir.standalone.cli.ServeOptions;
import io.weir.standalone.cli.ServeRole;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.web.reactive.function.server.RouterFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A standalone server that asks for tokens, and a client of it. */
final class AccessServer implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final DataDirectory directory;
    private final ReactiveWebServerApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();

    AccessServer(Path data, String... settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "weir.auth.enabled", "true",
                "weir.auth.hash-cost", "4",
                "weir.auth.revision-poll", "100ms",
                "weir.warm-up.duration", "0s",
                "weir.query.memory-limit", "256MB"));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        ServeOptions options = new ServeOptions(0, data, Optional.empty(), all);
        directory = DataDirectory.open(data, ServeRole.STANDALONE);
        context = (ReactiveWebServerApplicationContext) StandaloneServer.application(StandaloneConfiguration.class)
                .web(WebApplicationType.REACTIVE)
                .initializers(made -> {
                    made.getBeanFactory().registerSingleton("serveRole", ServeRole.STANDALONE);
                    made.getBeanFactory().registerSingleton("dataDirectory", directory);
                })
                .run(StandaloneServer.arguments(options, "--server.port=0"));
    }

    /**
     * One answer.
     *
     * @param status HTTP status
     * @param body all of it
     * @param headers names in lower case
     */
    record Answer(int status, String body, Map<String, List<String>> headers) {

        JsonNode json() {
            return JSON.readTree(body);
        }

        String header(String name) {
            return headers.getOrDefault(name, List.of("")).get(0);
        }
    }

    int port() {
        return context.getWebServer().getPort();
    }

    <T> T bean(String name, Class<T> type) {
        return context.getBean(name, type);
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** Every route of both services. */
    List<RouterFunction<?>> routes() {
        return context
                .<RouterFunction<?>>getBeanProvider(
                        org.springframework.core.ResolvableType.forClass(RouterFunction.class))
                .stream()
                .toList();
    }

    Answer send(String method, String path, String token, String body) {
        return send(method, path, token.isEmpty() ? Map.of() : Map.of("Authorization", "Bearer " + token), body);
    }

    Answer send(String method, String path, Map<String, String> headers, String body) {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                    .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
            headers.forEach(request::header);
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            return new Answer(
                    answer.statusCode(), answer.body(), answer.headers().map());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The status of a request whose target is sent as it is. */
    int raw(String method, String target, String token) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            OutputStream out = socket.getOutputStream();
            out.write((method + " " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n"
                            + (token.isEmpty() ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n")
                    .getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
            return answer.isEmpty() ? 0 : Integer.parseInt(answer.substring(9, 12));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + target, e);
        }
    }

    /** Makes a token with what {@code permissions} says, and returns it. */
    String token(String by, String name, String permissions, String more) {
        Answer made = send(
                "POST",
                "/api/v1/auth/tokens",
                Map.of("Authorization", "Bearer " + by, "Content-Type", "application/json"),
                "{\"name\":\"" + name + "\",\"permissions\":\"" + permissions + "\"" + more + "}");
        if (made.status() != 201) {
            throw new AssertionError(made.toString());
        }
        return made.json().path("token").asString();
    }

    @Override
    public void close() {
        context.close();
        directory.close();
    }
}
