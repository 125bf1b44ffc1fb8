package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The last line of a row stream that failed after it had begun. */
final class StreamFailure {

    private static final JsonMapper JSON = new JsonMapper();

    private StreamFailure() {}

    static CommandFailure ofLastLine(String line, String sql) {
        String reason = line;
        try {
            JsonNode error = JSON.readTree(line).path("$error");
            reason = QueryClient.sentence(ServerProblem.ofJson(0, error), sql);
        } catch (JacksonException e) {
            // The connection broke within the line: what there is of it says enough.
        }
        return CommandFailure.refused(
                "The query failed after it had begun, so the rows above are not all of them: " + reason);
    }
}
