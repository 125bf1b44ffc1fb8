package io.weir.common.observe;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.http.Access;
import io.weir.common.http.MethodGuard;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * {@code GET /api/v1/metrics/history?name=&from=&to=}, for operators: the values of a metric over the past day; without a
 * name, which metrics there are.
 */
final class HistoryRoutes {

    private static final String ROUTE = "/api/v1/metrics/history";
    private static final Duration USUAL_RANGE = Duration.ofHours(1);
    private static final int POINTS = 500;
    private static final int MOST_SERIES = 200;
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final MetricsHistory history;
    private final Scheduler reader;
    private final Clock clock;

    /** Routes over that history, which is read on that scheduler. */
    HistoryRoutes(MetricsHistory history, Scheduler reader, Clock clock) {
        this.history = history;
        this.reader = reader;
        this.clock = clock;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(ROUTE, Access.OPERATOR.to(this::read))
                .add(MethodGuard.of(List.of("GET"), ROUTE))
                .build();
    }

    private Mono<ServerResponse> read(ServerRequest request) {
        return Mono.fromCallable(() -> answer(request))
                .subscribeOn(reader)
                .flatMap(answer -> ServerResponse.ok()
                        .contentType(MediaType.APPLICATION_JSON)
                        .bodyValue(answer));
    }

    private Map<String, Object> answer(ServerRequest request) {
        String name = request.queryParam("name").orElse("");
        if (name.isEmpty()) {
            return Map.of("metrics", history.metrics());
        }
        Instant to = time(request, "to", clock.instant());
        Instant from = time(request, "from", to.minus(USUAL_RANGE));
        if (!from.isBefore(to)) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST, "from is " + from + ", to is " + to + " (expected: from before to)");
        }
        long stepMillis = Math.max(1, Duration.between(from, to).toMillis() / POINTS);
        List<MetricsHistory.Series> found =
                history.find(name, from.toEpochMilli(), to.toEpochMilli(), stepMillis, MOST_SERIES + 1);
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("name", name);
        answer.put("from", from.toString());
        answer.put("to", to.toString());
        answer.put("truncated", found.size() > MOST_SERIES);
        answer.put(
                "series",
                found.stream().limit(MOST_SERIES).map(HistoryRoutes::series).toList());
        return answer;
    }

    private static Instant time(ServerRequest request, String parameter, Instant otherwise) {
        String text = request.queryParam(parameter).orElse("");
        try {
            return text.isEmpty() ? otherwise : Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    parameter + " is \"" + text + "\" (expected: a time such as 2026-01-31T12:00:00Z)",
                    e);
        }
    }

    private static Map<String, Object> series(MetricsHistory.Series series) {
        Map<String, String> labels = new LinkedHashMap<>();
        Matcher label = LABEL.matcher(series.name());
        while (label.find()) {
            labels.put(label.group(1), label.group(2).replace("\\\"", "\"").replace("\\\\", "\\"));
        }
        List<List<Object>> points = new ArrayList<>();
        for (int i = 0; i < series.values().size(); i++) {
            double value = series.values().get(i);
            points.add(List.of(
                    Instant.ofEpochMilli(series.timesMillis().get(i)).toString(),
                    Double.isInfinite(value) ? Double.toString(value) : value));
        }
        return Map.of("labels", labels, "points", points);
    }
}
