package io.weir.standalone.cli.client;

import io.weir.standalone.cli.client.ServerProblem.LineError;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An import as the server tells it.
 *
 * @param id its id
 * @param key idempotency key of the request that sent its file, or empty
 * @param database where its rows go
 * @param format what the file is
 * @param status the server's word: {@code queued}, {@code running}, {@code succeeded}, {@code failed} or {@code cancelled}
 * @param bytesTotal bytes of the file, unpacked
 * @param bytesRead how many of them are done
 * @param rowsStored rows stored
 * @param rowsRejected bad rows
 * @param errors the bad rows that are described
 * @param failure why it failed, or empty
 * @param duration from the start of its first run to its end; zero before
 */
public record ImportStatus(
        String id,
        String key,
        String database,
        ImportFormat format,
        String status,
        long bytesTotal,
        long bytesRead,
        long rowsStored,
        long rowsRejected,
        List<LineError> errors,
        String failure,
        Duration duration) {

    private static final JsonMapper JSON = new JsonMapper();

    public ImportStatus {
        errors = List.copyOf(errors);
    }

    /** Whether nothing more will change. */
    public boolean isFinished() {
        return !status.equals("queued") && !status.equals("running");
    }

    /** Whether it came to the end of its file. */
    public boolean hasSucceeded() {
        return status.equals("succeeded");
    }

    /** Reads one; a {@link JacksonException} says that it is none. */
    static ImportStatus of(String json) {
        return of(JSON.readTree(json));
    }

    /** Reads a list of them; a {@link JacksonException} says that it is none. */
    static List<ImportStatus> listOf(String json) {
        return JSON.readTree(json)
                .required("imports")
                .valueStream()
                .map(ImportStatus::of)
                .toList();
    }

    private static ImportStatus of(JsonNode json) {
        Instant started = Instant.parse(json.path("started_at").asString("1970-01-01T00:00:00Z"));
        JsonNode finished = json.path("finished_at");
        return new ImportStatus(
                json.required("id").asString(),
                json.path("idempotency_key").asString(""),
                json.path("database").asString(""),
                ImportFormat.ofName(json.path("format").asString("")).orElse(ImportFormat.lp),
                json.required("status").asString(),
                json.path("bytes_total").asLong(-1),
                json.path("bytes_read").asLong(0),
                json.path("rows_stored").asLong(0),
                json.path("rows_rejected").asLong(0),
                json.path("errors")
                        .valueStream()
                        .flatMap(error -> ServerProblem.line(error).stream())
                        .toList(),
                json.path("failure").asString(""),
                finished.isString() ? Duration.between(started, Instant.parse(finished.asString())) : Duration.ZERO);
    }
}
