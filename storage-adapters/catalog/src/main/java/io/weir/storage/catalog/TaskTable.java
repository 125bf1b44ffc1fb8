package io.weir.storage.catalog;

import io.r2dbc.spi.Readable;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Statements that tables of tasks have in common: retention policies and continuous queries. Both have the columns of {@link
 * TaskState}, belong to an organisation, and have a name there; the runs of a task are in a table of their own. Runs in the
 * caller's transaction.
 */
final class TaskTable {

    /** Columns of a {@link TaskState}, in the order in which {@link #state} reads them. */
    static final String STATE = "next_run_micros, last_run_micros, failures, last_failure";

    private static final long NEVER = Long.MAX_VALUE;

    private final DatabaseClient client;
    private final String table;
    private final String runs;
    private final String taskOfRun;
    private final String noun;

    /**
     * @param table name of the table of tasks
     * @param runs name of that of their runs
     * @param taskOfRun its column with the id of the task
     * @param noun what a task is called in messages
     */
    TaskTable(DatabaseClient client, String table, String runs, String taskOfRun, String noun) {
        this.client = client;
        this.table = table;
        this.runs = runs;
        this.taskOfRun = taskOfRun;
        this.noun = noun;
    }

    static long micros(@Nullable Instant nextRun) {
        return nextRun == null ? NEVER : TokenTable.micros(nextRun);
    }

    /** The state in four columns from that one on. */
    static TaskState state(Readable row, int first) {
        long next = Rows.number(row, first);
        long last = Rows.number(row, first + 1);
        return new TaskState(
                next == NEVER ? null : TokenTable.instant(next),
                last == 0 ? null : TokenTable.instant(last),
                (int) Rows.number(row, first + 2),
                Rows.text(row, first + 3));
    }

    /** Fails with {@code conflict} when the organisation has that many tasks, or another one of that name. */
    Mono<Void> requireRoom(String organisation, String id, String name, int most) {
        String of = " FROM " + table + " WHERE organisation = :organisation";
        return client.sql("SELECT (SELECT COUNT(*)" + of + "), (SELECT COUNT(*)" + of
                        + " AND name = :name AND id <> :id)")
                .bind("organisation", organisation)
                .bind("name", name)
                .bind("id", id)
                .map(row -> new long[] {Rows.number(row, 0), Rows.number(row, 1)})
                .one()
                .flatMap(counts -> {
                    if (counts[1] > 0) {
                        return conflict("a " + noun + " named \"" + name + "\" exists already", name);
                    }
                    return counts[0] >= most
                            ? conflict(
                                    "there are " + most + " of " + noun + " already, which is as many as there can be",
                                    name)
                            : Mono.empty();
                });
    }

    private static Mono<Void> conflict(String detail, String name) {
        return Mono.error(new WeirException(CommonError.CONFLICT, detail, Map.of("name", name)));
    }

    /** Records how a task stands, unless its definition was changed since that revision. */
    Mono<Void> stand(String id, long revision, TaskState state) {
        return client.sql("UPDATE " + table + " SET next_run_micros = :next, last_run_micros = :last,"
                        + " failures = :failures, last_failure = :failure WHERE id = :id AND revision = :revision")
                .bind("next", micros(state.nextRun()))
                .bind("last", TokenTable.micros(state.lastRun()))
                .bind("failures", state.failures())
                .bind("failure", state.lastFailure())
                .bind("id", id)
                .bind("revision", revision)
                .then();
    }

    /** Removes a task and its runs; false when there is none. */
    Mono<Boolean> remove(String organisation, String id) {
        return client.sql("DELETE FROM " + table + " WHERE organisation = :organisation AND id = :id")
                .bind("organisation", organisation)
                .bind("id", id)
                .fetch()
                .rowsUpdated()
                .flatMap(rows -> rows == 0
                        ? Mono.just(false)
                        : client.sql("DELETE FROM " + runs + " WHERE " + taskOfRun + " = :id")
                                .bind("id", id)
                                .then()
                                .thenReturn(true));
    }

    /** Forgets all but the latest runs of a task. */
    Mono<Void> forgetRuns(String id, int kept) {
        return client.sql("DELETE FROM " + runs + " WHERE " + taskOfRun
                        + " = :id AND ended_micros < (SELECT ended_micros"
                        + " FROM " + runs + " WHERE " + taskOfRun + " = :id ORDER BY ended_micros DESC, run_id LIMIT 1"
                        + " OFFSET :kept)")
                .bind("id", id)
                .bind("kept", kept - 1)
                .then();
    }
}
