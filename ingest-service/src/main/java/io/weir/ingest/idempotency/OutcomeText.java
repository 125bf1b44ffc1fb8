package io.weir.ingest.idempotency;

import io.weir.ingest.WriteOutcome;
import io.weir.ingest.decode.LineError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a repetition is answered with, as text that is kept with the key: nothing when every row was stored, else a JSON
 * array {@code [accepted, stored, rejected, [[line, column, kind, message, original], …]]} with as many of the described
 * errors as fit.
 */
public final class OutcomeText {

    private static final int MAX_BYTES = 4 << 10;
    private static final JsonMapper JSON = new JsonMapper();

    private OutcomeText() {}

    /** The outcome as text. */
    public static String of(WriteOutcome outcome) {
        if (outcome.rejectedRows() == 0) {
            return "";
        }
        List<List<Object>> errors = new ArrayList<>();
        int bytes = 0;
        for (LineError error : outcome.errors()) {
            List<Object> entry = List.of(
                    error.lineNumber(), error.column(), error.kind().name(), error.message(), error.originalLine());
            bytes += JSON.writeValueAsBytes(entry).length;
            if (!errors.isEmpty() && bytes > MAX_BYTES) {
                break;
            }
            errors.add(entry);
        }
        List<Object> text = List.of(outcome.acceptedRows(), outcome.storedRows(), outcome.rejectedRows(), errors);
        return new String(JSON.writeValueAsBytes(text), StandardCharsets.UTF_8);
    }

    /** The outcome that became that text; of one that stored every row, the numbers are not kept. */
    public static WriteOutcome read(String text) {
        if (text.isEmpty()) {
            return new WriteOutcome(0, 0, 0, List.of());
        }
        JsonNode root = JSON.readTree(text);
        List<LineError> errors = new ArrayList<>();
        for (JsonNode error : root.get(3)) {
            errors.add(new LineError(
                    error.get(0).asInt(),
                    error.get(1).asInt(),
                    LineError.Kind.valueOf(error.get(2).asString()),
                    error.get(3).asString(),
                    error.get(4).asString()));
        }
        return new WriteOutcome(
                root.get(0).asLong(), root.get(1).asLong(), root.get(2).asLong(), errors);
    }
}
