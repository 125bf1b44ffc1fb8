package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;

/** Sends requests to one server and turns what goes wrong on the way into sentences. Safe for several threads. */
public final class WeirHttp {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final ServerAddress address;
    private final HttpClient http;

    /** A client of the server at {@code address}; nothing is sent yet. */
    public WeirHttp(ServerAddress address) {
        this.address = address;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .build();
    }

    /** The server this client talks to. */
    public ServerAddress address() {
        return address;
    }

    /**
     * Posts {@code body} and returns the answer, whatever its status. The caller closes the answer's body.
     *
     * @throws CommandFailure when no server can be reached, or the connection breaks before the answer begins
     */
    public HttpResponse<InputStream> post(
            String path, Map<String, String> parameters, Map<String, String> headers, byte[] body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address.uri(path, parameters)).POST(BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        if (!address.token().isEmpty()) {
            request.header("Authorization", "Bearer " + address.token());
        }
        try {
            return http.send(request.build(), BodyHandlers.ofInputStream());
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw CommandFailure.unreachable(
                    "Cannot reach Weir at " + address.base() + " (is it running? start it with ./weir serve)", e);
        } catch (IOException e) {
            throw CommandFailure.unreachable(
                    "The connection to Weir at " + address.base() + " broke before it answered (" + reason(e) + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.refused("Interrupted while waiting for Weir's answer", e);
        }
    }

    /** Posts nothing to {@code path} and tells whether the server did what it stands for. */
    public boolean succeeds(String path) {
        HttpResponse<InputStream> answer = post(path, Map.of(), Map.of(), new byte[0]);
        drain(answer);
        return answer.statusCode() / 100 == 2;
    }

    /** Reads and drops the rest of an answer, so that its connection is used again. */
    static void drain(HttpResponse<InputStream> answer) {
        try (InputStream body = answer.body()) {
            body.readAllBytes();
        } catch (IOException e) {
            // The status has said everything; a broken connection is noticed by the next request.
        }
    }

    /** What went wrong, in a few words. */
    static String reason(IOException failure) {
        String message = failure.getMessage();
        return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
    }
}
