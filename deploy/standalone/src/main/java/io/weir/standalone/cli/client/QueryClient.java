package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ResultSink;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs SQL on a server and reads the answer as it arrives. Safe for several threads. */
public final class QueryClient {

    private static final String ROUTE = "/api/v1/query";
    private static final int COPIED_BYTES = 64 * 1024;

    private final WeirHttp http;

    /** A client that asks through {@code http}. */
    public QueryClient(WeirHttp http) {
        this.http = http;
    }

    /** Runs the query and hands its result to {@code sink} row by row. */
    public QuerySummary read(QueryRequest request, ResultSink sink) {
        try (InputStream answer = ask(request, "json")) {
            return ResultReader.read(answer, sink);
        } catch (IOException e) {
            throw cutShort(e);
        }
    }

    /** Runs the query and copies the server's JSON document to {@code out}. */
    public void copyJson(QueryRequest request, PrintWriter out) {
        try (InputStream answer = ask(request, "json");
                InputStreamReader reader = new InputStreamReader(answer, StandardCharsets.UTF_8)) {
            reader.transferTo(out);
            out.println();
        } catch (IOException e) {
            out.flush();
            throw cutShort(e);
        }
    }

    /** Runs the query and copies its rows, one JSON object a line, flushing whenever the server takes a breath. */
    public void copyNdjson(QueryRequest request, PrintWriter out) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(ask(request, "ndjson"), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("{\"$error\"")) {
                    out.flush();
                    throw StreamFailure.ofLastLine(line, request.sql());
                }
                out.println(line);
                if (!lines.ready() && out.checkError()) {
                    return; // nobody reads any more, as after `| head`
                }
            }
        } catch (IOException e) {
            out.flush();
            throw cutShort(e);
        }
    }

    /** Runs the query and copies the server's answer in that format to {@code out}, byte by byte. */
    public void copy(QueryRequest request, String format, OutputStream out) throws IOException {
        try (InputStream answer = ask(request, format)) {
            byte[] bytes = new byte[COPIED_BYTES];
            for (int length = read(answer, bytes); length >= 0; length = read(answer, bytes)) {
                out.write(bytes, 0, length);
            }
            out.flush();
        }
    }

    private static int read(InputStream answer, byte[] into) {
        try {
            return answer.read(into);
        } catch (IOException e) {
            throw cutShort(e);
        }
    }

    /** Rows in a measurement; 0 when it, or its database, does not exist. */
    public long countRows(String database, String measurement) {
        QueryRequest request = new QueryRequest("SELECT count(*) FROM \"" + measurement + "\"", database, List.of());
        HttpResponse<InputStream> answer = post(request, "json");
        if (answer.statusCode() == 404) {
            ServerProblem.of(answer); // reads the answer, so that the connection is used again
            return 0;
        }
        CountSink count = new CountSink();
        try (InputStream body = accepted(answer, request)) {
            ResultReader.read(body, count);
            return count.value;
        } catch (IOException e) {
            throw cutShort(e);
        }
    }

    private InputStream ask(QueryRequest request, String format) {
        return accepted(post(request, format), request);
    }

    private HttpResponse<InputStream> post(QueryRequest request, String format) {
        return http.post(ROUTE, Map.of(), Map.of("Content-Type", "application/json"), request.toJson(format));
    }

    private static InputStream accepted(HttpResponse<InputStream> answer, QueryRequest request) {
        if (answer.statusCode() == 200) {
            return answer.body();
        }
        throw CommandFailure.refused(sentence(ServerProblem.of(answer), request.sql()));
    }

    /** The problem's sentence, then the line of the statement it points into with a caret below the place. */
    static String sentence(ServerProblem problem, String sql) {
        int at = problem.position().orElse(0) - 1;
        if (at < 0 || at > sql.length()) {
            return problem.sentence() + problem.hint();
        }
        int start = sql.lastIndexOf('\n', at - 1) + 1;
        int feed = sql.indexOf('\n', at);
        String line = sql.substring(start, feed < 0 ? sql.length() : feed);
        // Tabs stay tabs, so that the caret lands under its character whatever their width.
        String gap = sql.substring(start, at)
                .codePoints()
                .mapToObj(c -> c == '\t' ? "\t" : " ")
                .collect(Collectors.joining());
        return problem.sentence() + problem.hint() + "\n  " + line + "\n  " + gap + "^";
    }

    private static CommandFailure cutShort(IOException e) {
        return CommandFailure.refused(
                "The answer ended before it was complete (" + WeirHttp.reason(e)
                        + "); what was printed is not all of it",
                e);
    }

    /** Keeps the single number of a count. */
    private static final class CountSink implements ResultSink {

        private long value;

        @Override
        public void columns(List<String> names, List<String> types) {}

        @Override
        public void row(List<@Nullable String> cells) {
            String cell = cells.get(0);
            value = cell == null ? 0 : Long.parseLong(cell);
        }

        @Override
        public void end() {}
    }
}
