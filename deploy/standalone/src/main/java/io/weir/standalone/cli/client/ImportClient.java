package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;

/**
 * Sends files to a server's import routes and follows their imports. A file goes under an idempotency key: when the
 * connection breaks, the server is asked whether the file has arrived, and only then is it sent again. For one thread.
 */
public final class ImportClient {

    static final String ROUTE = "/api/v1/import";

    private static final Duration FIRST_POLL = Duration.ofMillis(100);
    private static final Duration LONGEST_POLL = Duration.ofSeconds(1);

    /** Hears how an import goes on. */
    public interface Listener {

        /** So many bytes of the file were read in this attempt to send it. */
        void sending(long bytes);

        /** The file has arrived, and its import stands so. */
        void running(ImportStatus status);

        /** The server has no room or does not answer; it is asked again after {@code wait}. */
        void waiting(String sentence, Duration wait);
    }

    private final WeirHttp http;
    private final RetryPolicy retries;
    private final Pause pause;

    /** A client with the default retries. */
    public ImportClient(WeirHttp http) {
        this(http, RetryPolicy.DEFAULT, Pause.SLEEP);
    }

    ImportClient(WeirHttp http, RetryPolicy retries, Pause pause) {
        this.http = http;
        this.retries = retries;
        this.pause = pause;
    }

    /**
     * Sends a file and returns its import as soon as the server has the file whole.
     *
     * @param key idempotency key, one a file
     * @throws CommandFailure when the server refuses the file, cannot be reached, or the file cannot be read
     */
    public ImportStatus send(ImportFile file, ImportTarget target, String key, Listener listener) {
        for (int retry = 1; ; retry++) {
            Optional<Duration> wait;
            String sentence;
            try {
                Optional<ImportStatus> arrived = file.isBegun() ? find(key, target) : Optional.empty();
                if (arrived.isPresent()) {
                    return arrived.get();
                }
                HttpResponse<InputStream> answer = upload(file, target, key, listener);
                if (answer.statusCode() == 202) {
                    return read(answer, ImportStatus::of);
                }
                ServerProblem problem = ServerProblem.of(answer);
                wait = retries.waitBefore(
                        retry, problem.status(), answer.headers().firstValue("Retry-After"));
                sentence = problem.sentence();
                if (wait.isEmpty() || file.isSpent()) {
                    throw refused(file.name(), problem);
                }
            } catch (CommandFailure e) {
                wait = file.isBegun() ? afterLoss(retry, e) : Optional.empty();
                sentence = e.sentence();
                if (wait.isEmpty()) {
                    throw e;
                }
            }
            listener.waiting(sentence, wait.get());
            pause.of(wait.get());
        }
    }

    private HttpResponse<InputStream> upload(ImportFile file, ImportTarget target, String key, Listener listener) {
        try (ImportFile.Reading reading = file.open()) {
            try {
                return http.upload(
                        target.path(),
                        target.parameters(),
                        Map.of("Content-Type", "application/octet-stream", "Idempotency-Key", key),
                        reading,
                        listener::sending);
            } catch (CommandFailure e) {
                IOException unread = reading.failure();
                throw unread == null
                        ? e
                        : CommandFailure.refused(
                                file.name() + " cannot be read to its end (" + WeirHttp.reason(unread) + ")", unread);
            }
        } catch (IOException e) {
            throw CommandFailure.refused("Cannot close " + file.name(), e);
        }
    }

    /** The import of a file that may have arrived, though nobody was left to say so. */
    private Optional<ImportStatus> find(String key, ImportTarget target) {
        String database = target.database().isEmpty() ? "default" : target.database();
        return get(ROUTE, ImportStatus::listOf).stream()
                .filter(status -> status.key().equals(key) && status.database().equals(database))
                .findFirst();
    }

    /** How an import stands; a {@link CommandFailure} says that there is none with that id, or that no server answers. */
    public ImportStatus status(String id) {
        return get(ROUTE + "/" + id, ImportStatus::of);
    }

    /**
     * Follows an import to its end and returns it, whatever that is. A server that goes away meanwhile is waited for, for
     * the import goes on when it is back.
     */
    public ImportStatus follow(ImportStatus from, Listener listener) {
        ImportStatus status = from;
        Duration poll = FIRST_POLL;
        int failures = 0;
        listener.running(status);
        while (!status.isFinished()) {
            pause.of(poll);
            try {
                status = status(from.id());
                failures = 0;
                poll = poll.multipliedBy(2).compareTo(LONGEST_POLL) < 0 ? poll.multipliedBy(2) : LONGEST_POLL;
                listener.running(status);
            } catch (CommandFailure e) {
                poll = afterLoss(++failures, e).orElseThrow(() -> e);
                listener.waiting(e.sentence(), poll);
            }
        }
        return status;
    }

    private Optional<Duration> afterLoss(int retry, CommandFailure failure) {
        return failure.exitCode() == ExitCode.UNREACHABLE
                ? retries.waitBefore(retry, 503, Optional.empty())
                : Optional.empty();
    }

    private <T> T get(String path, Function<String, T> parse) {
        HttpResponse<InputStream> answer = http.get(path);
        if (answer.statusCode() == 200) {
            return read(answer, parse);
        }
        ServerProblem problem = ServerProblem.of(answer);
        throw problem.status() / 100 == 5
                ? CommandFailure.unreachable(problem.sentence(), new IOException("status " + problem.status()))
                : CommandFailure.refused(problem.sentence() + problem.hint());
    }

    private <T> T read(HttpResponse<InputStream> answer, Function<String, T> parse) {
        try (InputStream body = answer.body()) {
            return parse.apply(new String(body.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw CommandFailure.unreachable(
                    "The answer of Weir at " + http.address().base() + " broke off", e);
        } catch (JacksonException e) {
            throw CommandFailure.refused(
                    "The answer of " + http.address().base() + " is not about an import (is it Weir?)", e);
        }
    }

    private static CommandFailure refused(String file, ServerProblem problem) {
        return CommandFailure.refused(
                "Weir refused " + file + " (status " + problem.status() + "): " + problem.sentence() + problem.hint());
    }
}
