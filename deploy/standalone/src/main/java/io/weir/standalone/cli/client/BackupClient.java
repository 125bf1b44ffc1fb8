package io.weir.standalone.cli.client;

import io.weir.standalone.cli.OfflineBackups;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.storage.backup.BackupContents;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Has a server make a backup, and follows it to its end. For one thread. */
public final class BackupClient {

    static final String ROUTE = "/api/v1/backup";

    private static final String ABOUT = "a backup";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration POLL = Duration.ofMillis(250);

    /** Hears how a backup goes on. */
    public interface Listener {

        /**
         * So much is done.
         *
         * @param totalBytes of all of it; 0 as long as nobody knows
         */
        void update(long doneBytes, long doneRows, long totalBytes);
    }

    private final WeirHttp http;
    private final Pause pause;

    /** A client that asks through {@code http}. */
    public BackupClient(WeirHttp http) {
        this(http, Pause.SLEEP);
    }

    BackupClient(WeirHttp http, Pause pause) {
        this.http = http;
        this.pause = pause;
    }

    /**
     * Makes a backup and returns it when it is there.
     *
     * @param place URL of the place, as the server sees it
     * @throws CommandFailure when the server refuses it, cannot be reached, or the backup fails
     */
    public OfflineBackups.Made run(String place, Listener listener) {
        JsonNode job = http.accepted(
                http.post(
                        ROUTE,
                        Map.of(),
                        Map.of("Content-Type", "application/json"),
                        JSON.writeValueAsBytes(Map.of("to", place))),
                ABOUT);
        String id = job.path("id").asString("");
        while (job.path("status").asString("").equals("running")) {
            pause.of(POLL);
            job = http.accepted(http.get(ROUTE + "/" + id), ABOUT);
            listener.update(number(job, "bytes_done"), number(job, "rows_done"), number(job, "bytes_total"));
        }
        if (!job.path("status").asString("").equals("succeeded")) {
            throw CommandFailure.refused("The backup " + job.path("status").asString("is gone") + ": "
                    + job.path("failure").asString("no reason was given"));
        }
        return new OfflineBackups.Made(
                id,
                new BackupContents(
                        number(job, "databases"),
                        number(job, "measurements"),
                        number(job, "files_total"),
                        number(job, "rows_total"),
                        number(job, "bytes_total")));
    }

    private static long number(JsonNode json, String member) {
        return json.path(member).asLong(0);
    }
}
