package io.weir.query.continuous;

import io.weir.common.auth.Permission;
import io.weir.common.auth.Principal;
import io.weir.common.http.JsonBody;
import io.weir.common.http.RequestContext;
import io.weir.common.model.Names;
import io.weir.common.model.TableId;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.QueryParameters;
import io.weir.storage.catalog.ContinuousDefinition;
import io.weir.storage.catalog.ContinuousQuery;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/**
 * Reads what a request says a continuous query shall be. Its statement is read by the engine's own parser; its caller may
 * read every database that it names, and write the destination's. Stateless and thread-safe.
 */
final class DefinitionReader {

    private static final List<String> CREATED = List.of(
            "name",
            "database",
            "query",
            "destination_database",
            "destination_measurement",
            "interval",
            "lag",
            "lateness",
            "enabled",
            "backfill_from");
    private static final List<String> CHANGED = List.of("name", "database", "query", "lag", "lateness", "enabled");
    private static final Duration LEAST_INTERVAL = Duration.ofSeconds(1);
    private static final Duration MOST_INTERVAL = Duration.ofDays(366);
    private static final Duration MOST_LAG = Duration.ofDays(31);
    private static final int MOST_OPEN_WINDOWS = 100;
    private static final int LONGEST_STATEMENT = 50_000;
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final QueryRunner runner;
    private final Clock clock;

    DefinitionReader(QueryRunner runner, Clock clock) {
        this.runner = runner;
        this.clock = clock;
    }

    /**
     * A definition and where its windows begin.
     *
     * @param watermarkMicros beginning of the first window, UTC microseconds
     */
    record Beginning(ContinuousDefinition definition, long watermarkMicros) {}

    /** A new one. Without {@code backfill_from} its first window is the one that is under way. */
    Mono<Beginning> created(ServerRequest request) {
        Principal caller = RequestContext.principal(request);
        return JsonBody.of(request, CREATED).flatMap(body -> {
            String database = database(body.text("database", Names.DEFAULT_DATABASE));
            Duration interval = body.duration("interval", null, LEAST_INTERVAL, MOST_INTERVAL);
            if (!interval.equals(Duration.ofSeconds(interval.toSeconds()))) {
                throw JsonBody.invalid("member \"interval\" is " + interval + " (expected: whole seconds)");
            }
            Instant begin = body.time("backfill_from");
            return checked(
                            caller,
                            new ContinuousDefinition(
                                    body.title("name"),
                                    database,
                                    statement(body.text("query")),
                                    destination(caller, body, database),
                                    interval,
                                    body.duration("lag", Duration.ZERO, Duration.ZERO, MOST_LAG),
                                    lateness(body, Duration.ZERO, interval),
                                    body.flag("enabled", true),
                                    caller.toString(),
                                    List.of()))
                    .map(definition ->
                            new Beginning(definition, beginning(begin == null ? clock.instant() : begin, interval)));
        });
    }

    /** One that is there, where the request says otherwise; what it does not name is as it was. */
    Mono<ContinuousDefinition> changed(ServerRequest request, ContinuousQuery query) {
        Principal caller = RequestContext.principal(request);
        ContinuousDefinition before = query.definition();
        return JsonBody.of(request, CHANGED)
                .flatMap(body -> checked(
                        caller,
                        new ContinuousDefinition(
                                body.has("name") ? body.title("name") : before.name(),
                                database(body.text("database", before.database())),
                                statement(body.text("query", before.statement())),
                                before.destination(),
                                before.interval(),
                                body.duration("lag", before.lag(), Duration.ZERO, MOST_LAG),
                                lateness(body, before.lateness(), before.interval()),
                                body.flag("enabled", before.enabled()),
                                caller.toString(),
                                List.of())));
    }

    private static String database(String name) {
        return Names.requireDatabase(name);
    }

    private static String statement(String sql) {
        if (sql.length() > LONGEST_STATEMENT) {
            throw JsonBody.invalid("member \"query\" is longer than " + LONGEST_STATEMENT + " characters");
        }
        return sql;
    }

    private static TableId destination(Principal caller, JsonBody body, String database) {
        String measurement = body.text("destination_measurement");
        String fault = Names.measurementFault(measurement);
        if (fault != null) {
            throw JsonBody.invalid(fault);
        }
        return new TableId(caller.organisation(), database(body.text("destination_database", database)), measurement);
    }

    private static Duration lateness(JsonBody body, Duration absent, Duration interval) {
        return body.duration("lateness", absent, Duration.ZERO, interval.multipliedBy(MOST_OPEN_WINDOWS));
    }

    private static long beginning(Instant from, Duration interval) {
        long seconds = interval.toSeconds();
        return TimeUnit.SECONDS.toMicros(Math.floorDiv(from.getEpochSecond(), seconds) * seconds);
    }

    private Mono<ContinuousDefinition> checked(Principal caller, ContinuousDefinition wanted) {
        caller.database(Permission.WRITE, wanted.destination().database());
        WindowStatement sample = WindowStatement.of(wanted.statement(), 0, TimeUnit.SECONDS.toMicros(1));
        Query query = new Query(caller, wanted.database(), sample.sql(), QueryParameters.none(), TIMEOUT);
        return runner.tables(query).map(tables -> {
            requireOther(tables, wanted.destination());
            return new ContinuousDefinition(
                    wanted.name(),
                    wanted.database(),
                    wanted.statement(),
                    wanted.destination(),
                    wanted.interval(),
                    wanted.lag(),
                    wanted.lateness(),
                    wanted.enabled(),
                    wanted.creator(),
                    tables.stream()
                            .map(TableId::database)
                            .map(Names::requireDatabase)
                            .distinct()
                            .sorted()
                            .toList());
        });
    }

    private static void requireOther(Set<TableId> sources, TableId destination) {
        for (TableId source : sources) {
            if (source.database().equals(destination.database())
                    && source.measurement().equalsIgnoreCase(destination.measurement())) {
                throw JsonBody.invalid(
                        "the query reads its own destination " + Names.printable(destination.measurement())
                                + " (expected: a destination that it does not read)");
            }
        }
    }
}
