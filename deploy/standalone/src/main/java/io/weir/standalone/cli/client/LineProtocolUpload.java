package io.weir.standalone.cli.client;

import io.weir.standalone.cli.client.ServerProblem.LineError;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.Figures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a stream of line protocol, one request after the other, each with whole lines. A request that finds the server
 * without room is sent again after the wait the server asks for; it stored nothing, so nothing is written twice. For one
 * thread.
 */
public final class LineProtocolUpload {

    /** Hears how an upload goes on. */
    public interface Listener {

        /** A request was answered and the next one follows. */
        void advanced(UploadReport soFar);

        /** The server has no room now; the same lines are sent again after {@code wait}. */
        void waiting(String sentence, Duration wait);
    }

    private final WeirHttp http;
    private final WriteTarget target;
    private final RetryPolicy retries;
    private final Pause pause;

    /** An upload to {@code target} with the default retries. */
    public LineProtocolUpload(WeirHttp http, WriteTarget target) {
        this(http, target, RetryPolicy.DEFAULT, Pause.SLEEP);
    }

    LineProtocolUpload(WeirHttp http, WriteTarget target, RetryPolicy retries, Pause pause) {
        this.http = http;
        this.target = target;
        this.retries = retries;
        this.pause = pause;
    }

    /**
     * Sends all chunks. Lines refused one by one are counted in the report; a request refused as a whole ends the upload.
     *
     * @param gzip whether requests are compressed
     * @throws CommandFailure when the server refuses a whole request, cannot be reached, or the source cannot be read
     */
    public UploadReport send(LineChunks chunks, boolean gzip, Listener listener) {
        UploadReport report = new UploadReport();
        for (LineChunk chunk = next(chunks); chunk != null; chunk = next(chunks)) {
            if (chunk.points() > 0) {
                send(chunk, gzip, report, listener);
            }
            report.sentBytes(chunk.bytes().length);
            listener.advanced(report);
        }
        return report;
    }

    private static @Nullable LineChunk next(LineChunks chunks) {
        try {
            return chunks.next();
        } catch (IOException e) {
            throw CommandFailure.refused("The input cannot be read to its end (" + WeirHttp.reason(e) + ")", e);
        }
    }

    private void send(LineChunk chunk, boolean gzip, UploadReport report, Listener listener) {
        byte[] body = gzip ? compressed(chunk.bytes()) : chunk.bytes();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "text/plain; charset=utf-8");
        headers.put("Idempotency-Key", UUID.randomUUID().toString());
        if (gzip) {
            headers.put("Content-Encoding", "gzip");
        }
        for (int retry = 1; ; retry++) {
            HttpResponse<InputStream> answer = post(chunk, headers, body, report);
            if (answer.statusCode() / 100 == 2) {
                WeirHttp.drain(answer);
                report.stored(chunk.points());
                return;
            }
            ServerProblem problem = ServerProblem.of(answer);
            Optional<Duration> wait = retries.waitBefore(
                    retry, answer.statusCode(), answer.headers().firstValue("Retry-After"));
            if (wait.isEmpty()) {
                refuse(chunk, problem, report);
                return;
            }
            listener.waiting(problem.sentence(), wait.get());
            pause.of(wait.get());
        }
    }

    private HttpResponse<InputStream> post(
            LineChunk chunk, Map<String, String> headers, byte[] body, UploadReport report) {
        try {
            return http.post(target.endpoint(), target.parameters(), headers, body);
        } catch (CommandFailure e) {
            throw report.storedPoints() == 0
                    ? e
                    : CommandFailure.unreachable(e.sentence() + storedBefore(chunk, report), e);
        }
    }

    private static void refuse(LineChunk chunk, ServerProblem problem, UploadReport report) {
        long shift = chunk.firstLine() - 1;
        for (LineError error : problem.lines()) {
            report.refused(
                    new LineError(error.line() + shift, LineNumbers.shift(error.message(), shift), error.original()));
        }
        if (problem.partial()) {
            long refused = problem.rejected();
            if (problem.lines().isEmpty()) {
                report.refusedUnlisted(refused, LineNumbers.shift(problem.sentence(), shift));
            } else {
                report.refusedUnlisted(refused - problem.lines().size());
            }
            report.stored(chunk.points() - refused);
            return;
        }
        String sentence = LineNumbers.shift(problem.sentence(), shift);
        throw CommandFailure.refused("Weir refused lines " + Figures.count(chunk.firstLine()) + " to "
                + Figures.count(chunk.lastLine()) + " (status " + problem.status() + "): " + sentence
                + report.errorLines() + problem.hint() + storedBefore(chunk, report));
    }

    private static String storedBefore(LineChunk chunk, UploadReport report) {
        return report.storedPoints() == 0
                ? ""
                : "\n" + Figures.count(report.storedPoints(), "row") + " before line "
                        + Figures.count(chunk.firstLine()) + " are stored; nothing after it was sent.";
    }

    private static byte[] compressed(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot happen in memory", e);
        }
        return out.toByteArray();
    }
}
