package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Follows a measurement and prints its rows, a JSON object a line. */
public final class TailStream {

    private static final String ROUTE = "/api/v1/subscribe";
    private static final String DATA = "data: ";
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private final WeirHttp http;
    private final PrintWriter out;
    private final PrintWriter notes;

    /**
     * A stream that has not begun.
     *
     * @param out where rows go
     * @param notes where it is said how many rows were left out
     */
    public TailStream(WeirHttp http, PrintWriter out, PrintWriter notes) {
        this.http = http;
        this.out = out;
        this.notes = notes;
    }

    /**
     * Prints rows until the server ends it or nobody reads any more.
     *
     * @param where condition on the rows; empty for all
     * @throws CommandFailure when the server refuses it, ends it or is gone
     */
    public void follow(String database, String measurement, String where) {
        HttpResponse<InputStream> answer = http.get(
                ROUTE,
                Map.of("db", database, "measurement", measurement, "where", where),
                Map.of("Accept", "text/event-stream"));
        if (answer.statusCode() != 200) {
            throw CommandFailure.refused(QueryClient.sentence(ServerProblem.of(answer), where));
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith(DATA)) {
                    print(JSON.readTree(line.substring(DATA.length())));
                }
                if (!lines.ready() && out.checkError()) {
                    return; // as after `| head`
                }
            }
        } catch (IOException e) {
            throw CommandFailure.unreachable(
                    "The connection to Weir at " + http.address().base() + " broke (" + WeirHttp.reason(e) + ")", e);
        }
        throw CommandFailure.refused("Weir at " + http.address().base() + " ended the subscription without a word");
    }

    private void print(JsonNode message) {
        switch (message.path("type").asString("")) {
            case "rows" -> message.path("rows").forEach(row -> out.println(row));
            case "missed" -> notes.println("(" + message.path("rows").asLong() + " rows were left out here)");
            case "closed" ->
                throw CommandFailure.refused(
                        "The subscription has ended: " + message.path("reason").asString("no reason was given"));
            default -> notes.flush(); // it has begun
        }
    }
}
