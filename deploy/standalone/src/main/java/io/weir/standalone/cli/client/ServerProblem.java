package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.Figures;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An error answer in any of the shapes Weir gives: a problem document (RFC 9457) or the JSON of InfluxDB 1, 2 and 3.
 *
 * @param status HTTP status, or 0 when the error came inside a stream
 * @param sentence what went wrong, for people; never empty
 * @param position character of the SQL text at which it went wrong, from 1, when the server knows
 * @param lines what is wrong with single lines, in the server's order; line numbers count from 1 in the request's body
 * @param partial whether the good lines of the request are stored all the same
 * @param rejected how many lines are bad, which may be more than are described in {@code lines}
 */
public record ServerProblem(
        int status, String sentence, OptionalInt position, List<LineError> lines, boolean partial, long rejected) {

    private static final int MAX_BODY_BYTES = 8 << 20;
    private static final int MAX_PLAIN_TEXT = 300;
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * What is wrong with one line of line protocol.
     *
     * @param line line number, from 1
     * @param message reason
     * @param original the line as it was sent, perhaps shortened; empty when the server does not repeat it
     */
    public record LineError(long line, String message, String original) {

        private static final int MAX_ORIGINAL = 120;

        /** For people: where and why, and below it the original line, shortened; {@code row} is what a line is called. */
        public String text(String row) {
            String whole = original.strip();
            String shown = whole.length() > MAX_ORIGINAL ? whole.substring(0, MAX_ORIGINAL) + "…" : whole;
            return "  " + row + " " + Figures.count(line) + ": " + message
                    + (shown.isEmpty() ? "" : "\n      " + shown);
        }
    }

    public ServerProblem {
        lines = List.copyOf(lines);
    }

    /** Reads the problem from an error answer and closes its body. */
    public static ServerProblem of(HttpResponse<InputStream> answer) {
        try (InputStream body = answer.body()) {
            return of(answer.statusCode(), new String(body.readNBytes(MAX_BODY_BYTES), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return of(answer.statusCode(), "");
        }
    }

    /** The problem that a body of JSON or plain text describes. */
    public static ServerProblem of(int status, String body) {
        try {
            JsonNode json = JSON.readTree(body);
            if (json.isObject()) {
                return ofJson(status, json);
            }
        } catch (JacksonException e) {
            // Not from Weir, perhaps from a proxy before it: the text itself has to do.
        }
        String text = body.strip();
        String shown = text.length() > MAX_PLAIN_TEXT ? text.substring(0, MAX_PLAIN_TEXT) + "…" : text;
        return new ServerProblem(
                status,
                shown.isEmpty() ? "status " + status + " without an explanation" : shown,
                OptionalInt.empty(),
                List.of(),
                false,
                0);
    }

    static ServerProblem ofJson(int status, JsonNode json) {
        String sentence = firstText(json, "detail", "error", "message", "title");
        List<LineError> lines = new ArrayList<>();
        for (String member : List.of("data", "errors", "lines")) {
            JsonNode list = json.path(member);
            // InfluxDB 3 sends a single object where there is a single fault.
            (list.isObject() ? List.of(list) : list.isArray() ? list.values() : List.<JsonNode>of())
                    .forEach(error -> line(error).ifPresent(lines::add));
        }
        if (lines.isEmpty() && json.path("line").isIntegralNumber()) {
            lines.add(new LineError(json.path("line").asLong(), sentence, ""));
        }
        JsonNode position = json.path("position");
        String kind = (sentence + " " + json.path("error").asString("") + " "
                        + json.path("code").asString(""))
                .toLowerCase(Locale.ROOT);
        return new ServerProblem(
                status,
                sentence.isEmpty() ? "status " + status + " without an explanation" : sentence,
                position.isInt() ? OptionalInt.of(position.asInt()) : OptionalInt.empty(),
                lines,
                kind.contains("partial write") || kind.contains("partial-write"),
                Math.max(lines.size(), json.path("rejected").asLong(LineNumbers.dropped(sentence))));
    }

    /** What may help, on a line of its own; or an empty text. */
    String hint() {
        return status == 401 ? "\nPass a token with --token or in WEIR_TOKEN." : "";
    }

    /** What is wrong with one line, if that is what the JSON says. */
    static Optional<LineError> line(JsonNode error) {
        JsonNode number = error.has("line_number") ? error.path("line_number") : error.path("line");
        return number.isIntegralNumber()
                ? Optional.of(new LineError(
                        number.asLong(),
                        firstText(error, "error_message", "message", "detail", "error"),
                        firstText(error, "original_line", "original")))
                : Optional.empty();
    }

    private static String firstText(JsonNode json, String... members) {
        for (String member : members) {
            String text = json.path(member).asString("");
            if (!text.isBlank()) {
                return text.strip();
            }
        }
        return "";
    }
}
