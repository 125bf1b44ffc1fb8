package io.weir.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import java.util.TreeMap;

/** What a server tells of itself. */
final class Metrics {

    private Metrics() {}

    /** Every figure of {@code /metrics} by its name with its labels. */
    static Map<String, Double> of(WeirProcess server) {
        Map<String, Double> values = new TreeMap<>();
        HttpResponse<String> answer = server.get("/metrics");
        assertThat(answer.statusCode()).as("/metrics answers whatever goes on").isEqualTo(200);
        answer.body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .forEach(line -> values.put(
                        line.substring(0, line.lastIndexOf(' ')),
                        Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
        return values;
    }
}
