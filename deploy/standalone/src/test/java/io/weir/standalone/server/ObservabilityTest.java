package io.weir.standalone.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.weir.testing.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.FileSystemResource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Alerts, dashboards and the page of metrics against what a server really tells: no name is invented, none is left out, every
 * alert has its tests and its page. REQUIREMENTS O4, O5; LESSONS 47.
 */
class ObservabilityTest {

    private static final Path ALERTS = Peers.root().resolve("deploy/observability/alerts.yml");
    private static final Path ALERT_TESTS = Peers.root().resolve("deploy/observability/alerts_test.yml");
    private static final Path DASHBOARDS = Peers.root().resolve("deploy/observability/dashboards");
    private static final Path PAGE = Peers.root().resolve("docs/observability.md");
    private static final Pattern NAME = Pattern.compile("\\b(?:weir|jvm|process|system|netty)[_:][a-zA-Z0-9_:]*");
    private static final Pattern SELECTOR =
            Pattern.compile("((?:weir|jvm|process|system|netty)_[a-zA-Z0-9_]*)\\{([^}]*)}");
    private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!=|!~|=)");

    /** What only servers with a Redis, with sockets, or in other roles tell. */
    private static final Set<String> OF_OTHERS =
            Set.of("weir_redis_memory_used_bytes", "weir_redis_memory_max_bytes", "weir_tail_room_subscriptions");

    /** What Prometheus adds. */
    private static final Set<String> ADDED = Set.of("instance", "job", "pool");

    @TempDir
    private static Path data;

    /** Labels of every metric, as scraped. */
    private static final Map<String, Set<String>> SCRAPED = new HashMap<>();

    private static AccessServer server;

    @BeforeAll
    static void scrape() {
        server = new AccessServer(data, "weir.auth.enabled", "false");
        assertThat(server.send("POST", "/write?db=lab", "", "cpu,host=a v=1").status())
                .isEqualTo(204);
        assertThat(server.send("POST", "/api/v1/flush", "", "").status()).isLessThan(300);
        assertThat(server.send("GET", "/api/v1/query?db=lab&q=SELECT%20*%20FROM%20cpu", "", "")
                        .status())
                .isEqualTo(200);
        System.gc(); // is what tells of collections
        await().atMost(Duration.ofSeconds(20)).until(() -> text().contains("jvm_gc_pause_seconds_count"));
        text().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int labels = line.indexOf('{');
            String name = line.substring(0, labels < 0 ? line.lastIndexOf(' ') : labels);
            Set<String> keys = SCRAPED.computeIfAbsent(name, any -> new TreeSet<>());
            if (labels > 0) {
                Matcher label = LABEL.matcher(line.substring(labels, line.lastIndexOf('}')));
                while (label.find()) {
                    keys.add(label.group(1));
                }
            }
        });
        assertThat(SCRAPED).hasSizeGreaterThan(100);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String text() {
        return server.send("GET", "/metrics", "", "").body();
    }

    private static Map<String, String> alerts(String key) {
        EnumerablePropertySource<?> rules;
        try {
            rules = (EnumerablePropertySource<?>) new YamlPropertySourceLoader()
                    .load("alerts", new FileSystemResource(ALERTS))
                    .get(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> found = new HashMap<>();
        for (String property : rules.getPropertyNames()) {
            if (property.endsWith("].alert")) {
                String rule = property.substring(0, property.length() - "alert".length());
                found.put(String.valueOf(rules.getProperty(property)), String.valueOf(rules.getProperty(rule + key)));
            }
        }
        return found;
    }

    private static List<String> dashboardExpressions() throws IOException {
        try (Stream<Path> files = Files.list(DASHBOARDS)) {
            return files.flatMap(file -> read(file).path("panels").valueStream())
                    .flatMap(panel -> panel.path("targets").valueStream())
                    .map(target -> target.path("expr").asString())
                    .toList();
        }
    }

    private static JsonNode read(Path file) {
        return new JsonMapper().readTree(file);
    }

    private static String file(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireExposed(String expression) {
        Matcher name = NAME.matcher(expression.replaceAll("\"[^\"]*\"", "\"\""));
        while (name.find()) {
            assertThat(SCRAPED.containsKey(name.group())
                            || OF_OTHERS.contains(name.group())
                            || name.group().equals("weir:pool_usage:ratio"))
                    .as(name.group() + " of " + expression + " is told by a server")
                    .isTrue();
        }
        Matcher selector = SELECTOR.matcher(expression);
        while (selector.find()) {
            Matcher label = LABEL.matcher(selector.group(2));
            while (label.find()) {
                if (!ADDED.contains(label.group(1))) {
                    assertThat(SCRAPED.getOrDefault(selector.group(1), Set.of()))
                            .as("labels of " + selector.group(1) + " in " + expression)
                            .contains(label.group(1));
                }
            }
        }
    }

    @Test
    void everyMetricOfAlertsIsThere() {
        Map<String, String> expressions = alerts("expr");
        assertThat(expressions).hasSizeGreaterThan(15);
        expressions.values().forEach(ObservabilityTest::requireExposed);
        Pattern record = Pattern.compile("record: .*\\n\\s*expr: (.*)");
        Matcher records = record.matcher(file(ALERTS));
        while (records.find()) {
            requireExposed(records.group(1));
        }
    }

    @Test
    void everyMetricOfDashboardsIsThere() throws IOException {
        List<String> expressions = dashboardExpressions();
        assertThat(expressions).hasSizeGreaterThan(50);
        expressions.forEach(ObservabilityTest::requireExposed);
    }

    @Test
    void dashboardsCanBeLoaded() throws IOException {
        Set<String> ids = new TreeSet<>();
        try (Stream<Path> files = Files.list(DASHBOARDS)) {
            for (Path file : files.toList()) {
                JsonNode dashboard = read(file);
                assertThat(dashboard.path("uid").asString() + ".json")
                        .isEqualTo(file.getFileName().toString());
                assertThat(ids.add(dashboard.path("title").asString())).isTrue();
                assertThat(dashboard.path("panels").size()).isPositive();
                dashboard.path("panels").valueStream().forEach(panel -> {
                    assertThat(panel.path("title").asString()).isNotBlank();
                    assertThat(panel.path("gridPos").path("w").asInt()).isPositive();
                    assertThat(panel.path("datasource").path("uid").asString()).isEqualTo("${datasource}");
                });
            }
        }
        assertThat(ids).hasSize(4);
    }

    @Test
    void everyAlertHasItsPageAndEveryPageItsAlert() {
        Map<String, String> pages = alerts("annotations.runbook_url");
        assertThat(pages).hasSizeGreaterThan(15);
        pages.forEach((alert, page) -> {
            assertThat(page).isEqualTo("docs/runbook/" + alert + ".md");
            assertThat(file(Peers.root().resolve(page)))
                    .startsWith("# " + alert + ": ")
                    .contains("## What it means", "## What to look at", "## What to do")
                    .contains(alerts("expr").get(alert));
        });
        try (Stream<Path> files = Files.list(Peers.root().resolve("docs/runbook"))) {
            Set<String> alertPages = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("Weir"))
                    .collect(Collectors.toSet());
            assertThat(alertPages)
                    .isEqualTo(pages.keySet().stream().map(name -> name + ".md").collect(Collectors.toSet()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyAlertFiresAndDoesNotFireInItsTests() throws Exception {
        String promtool = Peers.program("promtool", "prometheus").toString();
        String tests = file(ALERT_TESTS);
        for (String alert : alerts("expr").keySet()) {
            assertThat(tests).contains("name: " + alert + " fires", "name: " + alert + " does not fire");
        }
        run(promtool, "check", "rules", ALERTS.toString());
        run(promtool, "test", "rules", ALERT_TESTS.toString());
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        assertThat(output).contains("SUCCESS");
    }

    @Test
    void everyMetricIsOnThePageAndEveryNameOfThePageIsAMetric() {
        String page = file(PAGE);
        Set<String> listed = new TreeSet<>();
        Matcher row = Pattern.compile("(?m)^\\| `(weir_[a-z_0-9]+)` ").matcher(page);
        while (row.find()) {
            listed.add(row.group(1));
        }
        Set<String> families = SCRAPED.keySet().stream()
                .map(name -> name.replaceAll("_(bucket|count|sum|max)$", ""))
                .filter(name -> name.startsWith("weir_"))
                .map(ObservabilityTest::family)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(listed).containsAll(families);
        Set<String> ofOthers = new TreeSet<>(listed);
        ofOthers.removeAll(families);
        Set<String> marked = Pattern.compile("(?m)^\\| `(weir_[a-z_0-9]+)` .*\\*Only ")
                .matcher(page)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toSet());
        assertThat(marked).as("what this server does not tell is marked so").containsAll(ofOthers);
    }

    /** {@code _max} is a suffix of timers, and the last word of some gauges. */
    private static String family(String name) {
        return SCRAPED.containsKey(name + "_max") && !SCRAPED.containsKey(name + "_count") ? name + "_max" : name;
    }
}
