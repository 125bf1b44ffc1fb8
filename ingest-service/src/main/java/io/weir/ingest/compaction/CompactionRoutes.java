package io.weir.ingest.compaction;

import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import io.weir.common.http.PageSize;
import io.weir.common.http.RequestContext;
import io.weir.storage.catalog.CompactionQueue;
import io.weir.storage.catalog.CompactionRun;
import io.weir.storage.catalog.Partition;
import io.weir.storage.catalog.QuarantinedFile;
import io.weir.storage.catalog.QueuedPartition;
import io.weir.storage.catalog.QuietTimes;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** {@code /api/v1/compaction}: what is compacted, what will be, what was; and begins it. */
final class CompactionRoutes {

    private static final String BASE = "/api/v1/compaction";
    private static final int DEFAULT_LIMIT = 100;
    private static final int MOST = 1000;

    private final Compactor compactor;
    private final CompactionQueue queue;
    private final CompactionSettings settings;
    private final Clock clock;

    CompactionRoutes(Compactor compactor, CompactionQueue queue, CompactionSettings settings, Clock clock) {
        this.compactor = compactor;
        this.queue = queue;
        this.settings = settings;
        this.clock = clock;
    }

    /** All routes. */
    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(BASE + "/status", Access.ADMIN.to(this::status))
                .GET(BASE + "/candidates", Access.ADMIN.to(this::candidates))
                .GET(BASE + "/history", Access.ADMIN.to(this::history))
                .POST(BASE + "/trigger", Access.OPERATOR.to(this::trigger))
                .add(MethodGuard.of(List.of("GET"), BASE + "/status", BASE + "/candidates", BASE + "/history"))
                .add(MethodGuard.of(List.of("POST"), BASE + "/trigger"))
                .build();
    }

    private Mono<ServerResponse> status(ServerRequest request) {
        String organisation = RequestContext.principal(request).organisation();
        return Mono.zip(queue.size(), queue.quarantined(MOST)).flatMap(both -> {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("enabled", settings.enabled());
            json.put("running", compactor.isRunning());
            json.put(
                    "merges",
                    ofOrganisation(organisation, List.copyOf(compactor.running()), RunningMerge::partition).stream()
                            .map(CompactionRoutes::json)
                            .toList());
            json.put("queued_partitions", both.getT1());
            json.put(
                    "quarantined_files",
                    both.getT2().stream()
                            .filter(file -> file.table().organisation().equals(organisation))
                            .map(CompactionRoutes::json)
                            .toList());
            return answer(json);
        });
    }

    private static <T> List<T> ofOrganisation(String organisation, List<T> all, Function<T, Partition> partition) {
        return all.stream()
                .filter(one -> partition.apply(one).table().organisation().equals(organisation))
                .toList();
    }

    private Mono<ServerResponse> candidates(ServerRequest request) {
        int limit = PageSize.of(request, DEFAULT_LIMIT, MOST);
        String organisation = RequestContext.principal(request).organisation();
        QuietTimes times = settings.quietTimes(clock.instant());
        return queue.queued(limit)
                .flatMap(queued -> answer(Map.of(
                        "candidates",
                        ofOrganisation(organisation, queued, QueuedPartition::partition).stream()
                                .map(one -> json(one, times))
                                .toList())));
    }

    private Mono<ServerResponse> history(ServerRequest request) {
        int limit = PageSize.of(request, DEFAULT_LIMIT, MOST);
        String organisation = RequestContext.principal(request).organisation();
        return queue.runs(limit)
                .flatMap(runs -> answer(Map.of(
                        "runs",
                        ofOrganisation(organisation, runs, CompactionRun::partition).stream()
                                .map(CompactionRoutes::json)
                                .toList())));
    }

    private Mono<ServerResponse> trigger(ServerRequest request) {
        return compactor
                .trigger()
                .then(ServerResponse.accepted()
                        .contentType(MediaType.APPLICATION_JSON)
                        .bodyValue(Map.of("status", "started")));
    }

    private static Mono<ServerResponse> answer(Map<String, Object> json) {
        return ServerResponse.ok().contentType(MediaType.APPLICATION_JSON).bodyValue(json);
    }

    private static Map<String, Object> json(Partition partition) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("database", partition.table().database());
        json.put("measurement", partition.table().measurement());
        json.put("tier", partition.tier().name().toLowerCase(Locale.ROOT));
        json.put("start", time(partition.startMicros()));
        return json;
    }

    private static String time(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L)).toString();
    }

    private static Map<String, Object> json(RunningMerge merge) {
        Map<String, Object> json = json(merge.partition());
        json.put("id", merge.id());
        json.put("began_at", merge.began().toString());
        json.put("input_files", merge.inputFiles());
        json.put("input_rows", merge.inputRows());
        json.put("rows_written", merge.rowsWritten().get());
        return json;
    }

    private Map<String, Object> json(QueuedPartition queued, QuietTimes times) {
        Map<String, Object> json = json(queued.partition());
        json.put("new_files", queued.changes());
        json.put("quiet_since", queued.quietSince().toString());
        json.put("due", times.isQuiet(queued) || queued.changes() >= settings.minFiles());
        json.put("failures_in_a_row", queued.failures());
        return json;
    }

    private static Map<String, Object> json(QuarantinedFile file) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("database", file.table().database());
        json.put("measurement", file.table().measurement());
        json.put("file", file.objectKey());
        json.put("since", file.since().toString());
        json.put("until", file.until().toString());
        json.put("reason", file.reason());
        return json;
    }

    private static Map<String, Object> json(CompactionRun run) {
        Map<String, Object> json = json(run.partition());
        json.put("id", run.id());
        json.put("began_at", run.began().toString());
        json.put("ended_at", run.ended().toString());
        json.put("input_files", run.inputFiles());
        json.put("input_rows", run.inputRows());
        json.put("input_bytes", run.inputBytes());
        json.put("output_rows", run.outputRows());
        json.put("output_bytes", run.outputBytes());
        if (!run.failure().isEmpty()) {
            json.put("failure", run.failure());
        }
        return json;
    }
}
