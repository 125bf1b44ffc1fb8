package io.weir.ingest.retention;

import io.weir.common.auth.DatabasePattern;
import io.weir.common.http.JsonBody;
import io.weir.common.model.Names;
import io.weir.common.model.TableId;
import io.weir.storage.catalog.Boundary;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.ExpiredRows;
import io.weir.storage.catalog.RetentionPolicy;
import io.weir.storage.catalog.RetentionRule;
import io.weir.storage.catalog.RetentionRun;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;

/** How requests and answers about retention look. */
final class RetentionJson {

    private static final List<String> MEMBERS =
            List.of("name", "database", "measurement", "duration", "interval", "boundary", "enabled");
    private static final Duration LEAST_KEEP = Duration.ofHours(1);
    private static final Duration MOST_KEEP = Duration.ofDays(366L * 200);
    private static final Duration LEAST_INTERVAL = Duration.ofMinutes(1);
    private static final Duration MOST_INTERVAL = Duration.ofDays(31);
    private static final Duration INTERVAL = Duration.ofHours(1);

    private RetentionJson() {}

    /** The policy that a request describes; what it does not name is as it was {@code before}, if there was one. */
    static Mono<RetentionRule> rule(ServerRequest request, @Nullable RetentionRule before) {
        return JsonBody.of(request, MEMBERS).map(body -> rule(body, before));
    }

    private static RetentionRule rule(JsonBody body, @Nullable RetentionRule before) {
        return new RetentionRule(
                before != null && !body.has("name") ? before.name() : body.title("name"),
                before != null && !body.has("database") ? before.databases() : databases(body.text("database")),
                measurements(body.text("measurement", before == null ? "*" : before.measurements())),
                body.duration("duration", before == null ? null : before.keep(), LEAST_KEEP, MOST_KEEP),
                body.duration("interval", before == null ? INTERVAL : before.interval(), LEAST_INTERVAL, MOST_INTERVAL),
                boundary(body, before == null ? Boundary.KEEP : before.boundary()),
                body.flag("enabled", before == null || before.enabled()));
    }

    private static Boundary boundary(JsonBody body, Boundary absent) {
        String text = body.text("boundary", name(absent));
        return Arrays.stream(Boundary.values())
                .filter(boundary -> name(boundary).equals(text))
                .findFirst()
                .orElseThrow(() -> JsonBody.invalid(
                        "member \"boundary\" is \"" + Names.printable(text) + "\" (expected: keep or rewrite)"));
    }

    private static String name(Boundary boundary) {
        return boundary.name().toLowerCase(Locale.ROOT);
    }

    private static String databases(String pattern) {
        try {
            return new DatabasePattern(pattern).text();
        } catch (IllegalArgumentException e) {
            throw JsonBody.invalid(String.valueOf(e.getMessage()));
        }
    }

    private static String measurements(String pattern) {
        String fault = pattern.isEmpty() ? "measurement name is empty" : Names.nameFault("measurement", pattern);
        if (fault != null) {
            throw JsonBody.invalid(fault);
        }
        return pattern;
    }

    static Map<String, @Nullable Object> of(RetentionPolicy policy) {
        RetentionRule rule = policy.rule();
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("id", policy.id());
        json.put("name", rule.name());
        json.put("database", rule.databases());
        json.put("measurement", rule.measurements());
        json.put("duration", rule.keep().toString());
        json.put("interval", rule.interval().toString());
        json.put("boundary", name(rule.boundary()));
        json.put("enabled", rule.enabled());
        json.put("created_at", policy.created().toString());
        json.put("next_run_at", text(policy.state().nextRun()));
        json.put("last_run_at", text(policy.state().lastRun()));
        json.put("failures_in_a_row", policy.state().failures());
        if (!policy.state().lastFailure().isEmpty()) {
            json.put("failure", policy.state().lastFailure());
        }
        return json;
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    static Map<String, Object> of(Dropped dropped) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dry_run", false);
        json.put("files", dropped.files());
        json.put("rows", dropped.rows());
        json.put("bytes", dropped.bytes());
        json.put("boundary_files_rewritten", dropped.boundaryFiles());
        json.put("boundary_rows_deleted", dropped.boundaryRows());
        return json;
    }

    /** What a run would take. */
    static Map<String, Object> of(RetentionTrial.Found trial) {
        List<ExpiredRows> found = trial.found();
        Map<TableId, BoundaryRows> boundary =
                trial.boundary().stream().collect(Collectors.toMap(BoundaryRows::table, rows -> rows));
        long rewritten =
                trial.boundary().stream().mapToLong(of -> of.files().size()).sum();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("dry_run", true);
        json.put("cutoff", trial.cutoff().toString());
        json.put("files", sum(found, ExpiredRows::files));
        json.put("rows", sum(found, ExpiredRows::rows));
        json.put("bytes", sum(found, ExpiredRows::bytes));
        json.put("boundary", name(trial.rule()));
        json.put("boundary_files_kept", Math.max(0, sum(found, ExpiredRows::boundaryFiles) - rewritten));
        json.put("boundary_files_rewritten", rewritten);
        json.put(
                "boundary_rows_deleted",
                trial.boundary().stream().mapToLong(BoundaryRows::rows).sum());
        json.put("hot_rows", trial.hotRows());
        json.put(
                "measurements",
                found.stream()
                        .map(rows -> of(
                                rows, boundary.getOrDefault(rows.table(), new BoundaryRows(rows.table(), List.of()))))
                        .toList());
        json.put("file_keys", trial.files().stream().map(DataFile::objectKey).toList());
        json.put(
                "rewritten_files",
                trial.boundary().stream()
                        .flatMap(of -> of.files().stream())
                        .limit(RetentionTrial.FILES_SHOWN)
                        .map(RetentionJson::of)
                        .toList());
        return json;
    }

    private static Map<String, Object> of(BoundaryRows.OfFile of) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("file", of.file().objectKey());
        json.put("rows", of.file().rows());
        json.put("rows_deleted", of.rows());
        return json;
    }

    private static long sum(List<ExpiredRows> found, ToLongFunction<ExpiredRows> of) {
        return found.stream().mapToLong(of).sum();
    }

    private static Map<String, Object> of(ExpiredRows found, BoundaryRows boundary) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("database", found.table().database());
        json.put("measurement", found.table().measurement());
        json.put("files", found.files());
        json.put("rows", found.rows());
        json.put("bytes", found.bytes());
        json.put(
                "boundary_files_kept",
                Math.max(0, found.boundaryFiles() - boundary.files().size()));
        json.put("boundary_rows_kept", Math.max(0, found.boundaryRows() - boundary.rows()));
        json.put("boundary_files_rewritten", boundary.files().size());
        json.put("boundary_rows_deleted", boundary.rows());
        return json;
    }

    static Map<String, Object> of(RetentionRun run) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("id", run.id());
        json.put("began_at", run.began().toString());
        json.put("ended_at", run.ended().toString());
        json.put("cutoff", run.cutoff().toString());
        json.put("files", run.files());
        json.put("rows", run.rows());
        json.put("bytes", run.bytes());
        json.put("boundary_files_rewritten", run.boundaryFiles());
        json.put("boundary_rows_deleted", run.boundaryRows());
        if (!run.failure().isEmpty()) {
            json.put("failure", run.failure());
        }
        return json;
    }
}
