package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends requests to one server and turns what goes wrong on the way into sentences. Safe for several threads. */
public final class WeirHttp {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration STALL_TIMEOUT = Duration.ofMinutes(5);
    private static final long REPORT_MILLIS = 100;

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
        return exchange(request(path, parameters).POST(BodyPublishers.ofByteArray(body)), headers);
    }

    /**
     * Gets what is at {@code path} and returns the answer, whatever its status. The caller closes the answer's body.
     *
     * @throws CommandFailure as {@link #post}; also when the answer does not begin for half a minute
     */
    public HttpResponse<InputStream> get(String path) {
        return get(path, Map.of());
    }

    /** As above, with query parameters; those with an empty value are left out. */
    HttpResponse<InputStream> get(String path, Map<String, String> parameters) {
        return get(path, parameters, Map.of());
    }

    /** As above, with headers. */
    HttpResponse<InputStream> get(String path, Map<String, String> parameters, Map<String, String> headers) {
        return exchange(request(path, parameters).timeout(ANSWER_TIMEOUT), headers);
    }

    /**
     * Posts a file as it is read and returns the answer, whatever its status.
     *
     * @param sent told the bytes read so far, a few times a second, by the calling thread
     * @throws CommandFailure as {@link #post}; also when the file cannot be read, or when nothing moves for five minutes
     */
    HttpResponse<InputStream> upload(
            String path,
            Map<String, String> parameters,
            Map<String, String> headers,
            ImportFile.Reading file,
            LongConsumer sent) {
        return exchange(request(path, parameters).POST(body(file)), headers, answer -> {
            long last = -1;
            long moved = System.nanoTime();
            while (true) {
                try {
                    return answer.get(REPORT_MILLIS, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    long count = file.count();
                    sent.accept(count);
                    if (count != last) {
                        last = count;
                        moved = System.nanoTime();
                    } else if (System.nanoTime() - moved > STALL_TIMEOUT.toNanos()) {
                        throw new HttpTimeoutException("nothing moved for " + STALL_TIMEOUT.toMinutes() + " minutes");
                    }
                }
            }
        });
    }

    private static BodyPublisher body(ImportFile.Reading file) {
        if (file.expected() == 0) {
            return BodyPublishers.noBody();
        }
        BodyPublisher bytes = BodyPublishers.ofInputStream(() -> file);
        return file.expected() < 0 ? bytes : BodyPublishers.fromPublisher(bytes, file.expected());
    }

    private HttpRequest.Builder request(String path, Map<String, String> parameters) {
        return HttpRequest.newBuilder(address.uri(path, parameters));
    }

    /** Waits for an answer. */
    private interface Waiting {
        HttpResponse<InputStream> await(CompletableFuture<HttpResponse<InputStream>> answer)
                throws IOException, InterruptedException, ExecutionException;
    }

    private HttpResponse<InputStream> exchange(HttpRequest.Builder request, Map<String, String> headers) {
        return exchange(request, headers, CompletableFuture::get);
    }

    private HttpResponse<InputStream> exchange(
            HttpRequest.Builder request, Map<String, String> headers, Waiting waiting) {
        headers.forEach(request::header);
        if (!address.token().isEmpty()) {
            request.header("Authorization", "Bearer " + address.token());
        }
        CompletableFuture<HttpResponse<InputStream>> answer =
                http.sendAsync(request.build(), BodyHandlers.ofInputStream());
        try {
            return waiting.await(answer);
        } catch (ExecutionException e) {
            throw unanswered(e.getCause() instanceof IOException io ? io : new IOException(e.getCause()));
        } catch (IOException e) {
            throw unanswered(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw CommandFailure.refused("Interrupted while waiting for Weir's answer", e);
        } finally {
            answer.cancel(true); // does nothing to one that is there
        }
    }

    private CommandFailure unanswered(IOException failure) {
        return failure instanceof ConnectException || failure instanceof HttpConnectTimeoutException
                ? CommandFailure.unreachable(
                        "Cannot reach Weir at " + address.base() + " (is it running? start it with ./weir serve)",
                        failure)
                : CommandFailure.unreachable(
                        "The connection to Weir at " + address.base() + " broke before it answered (" + reason(failure)
                                + ")",
                        failure);
    }

    /**
     * The JSON of an answer that says that all is well.
     *
     * @param about what it is about, for people
     * @throws CommandFailure when it says that something is not, breaks off, or is not JSON
     */
    JsonNode accepted(HttpResponse<InputStream> answer, String about) {
        if (answer.statusCode() / 100 != 2) {
            ServerProblem problem = ServerProblem.of(answer);
            throw CommandFailure.refused(problem.sentence() + problem.hint());
        }
        try (InputStream body = answer.body()) {
            return JSON.readTree(body.readAllBytes());
        } catch (IOException e) {
            throw CommandFailure.unreachable("The answer of Weir at " + address.base() + " broke off", e);
        } catch (JacksonException e) {
            throw CommandFailure.refused(
                    "The answer of " + address.base() + " is not about " + about + " (is it Weir?)", e);
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
