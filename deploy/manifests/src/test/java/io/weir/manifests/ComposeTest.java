package io.weir.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The Compose files: what the Compose specification says, and what Weir promises. REQUIREMENTS O6, C5; LESSONS 42. */
class ComposeTest {

    private static final String STANDALONE = "compose/standalone.yaml";
    private static final String CLUSTER = "compose/cluster.yaml";
    private static final JsonMapper JSON = new JsonMapper();
    private static final Pattern SECRET = Pattern.compile("PASSWORD|TOKEN|SECRETKEY");

    @ParameterizedTest
    @ValueSource(strings = {STANDALONE, CLUSTER})
    void itIsWhatTheSpecificationSays(String file) throws IOException {
        assertThat(problems(Deploy.yaml(Deploy.file(file)))).isEmpty();
    }

    @Test
    void theSpecificationRefusesWhatIsMisspelt() throws IOException {
        Map<String, Object> compose = Deploy.yaml(Deploy.file(STANDALONE));
        Deploy.map(Deploy.at(compose, "services.weir")).put("memory_limit", "2g");

        assertThat(problems(compose)).anyMatch(problem -> problem.getMessage().contains("memory_limit"));
    }

    private static List<Error> problems(Map<String, Object> compose) throws IOException {
        try (InputStream in = Objects.requireNonNull(ComposeTest.class.getResourceAsStream("compose-spec.json"))) {
            // The file gives its dialect and itself names that the library does not take: an https address, a relative
            // one.
            Map<String, Object> specification = Deploy.map(JSON.readValue(in, Map.class));
            specification.keySet().removeAll(Set.of("$schema", "$id"));
            String text = JSON.writeValueAsString(specification);
            Schema schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(text, InputFormat.JSON);
            return schema.validate(JSON.writeValueAsString(compose), InputFormat.JSON);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {STANDALONE, CLUSTER})
    void everyServiceIsBoundedWatchedAndStartedAgain(String file) {
        services(file).forEach((name, service) -> {
            assertThat(Double.parseDouble(
                            Deploy.at(service, "deploy.resources.limits.cpus").toString()))
                    .as(name)
                    .isBetween(0.1, 2.0);
            assertThat(Deploy.megabytes(Deploy.at(service, "deploy.resources.limits.memory")))
                    .as(name)
                    .isBetween(100L, 2_048L);
            assertThat(service).as(name).containsKey("restart");
            Map<String, Object> health = Deploy.map(Deploy.at(service, "healthcheck"));
            if (name.equals("bucket")) {
                assertThat(health).containsEntry("disable", true); // it ends by itself, and others wait for that
            } else {
                assertThat(health).as(name).containsKeys("test", "interval", "timeout", "retries");
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {STANDALONE, CLUSTER})
    void weirRunsWithAReadOnlyRootAndFitsIntoItsMemory(String file) {
        services(file).forEach((name, service) -> {
            if (!isWeir(service)) {
                return;
            }
            assertThat(service).as(name).containsEntry("read_only", true).containsKeys("tmpfs", "volumes");
            assertThat(service.get("cap_drop")).isEqualTo(List.of("ALL"));
            assertThat(service.get("security_opt")).isEqualTo(List.of("no-new-privileges:true"));
            assertThat(Deploy.at(service, "healthcheck.start_period")).isEqualTo("10m");
            Map<String, Object> environment = Deploy.map(Deploy.at(service, "environment"));
            long limit = Deploy.megabytes(Deploy.at(service, "deploy.resources.limits.memory"));
            long heap = limit * Long.parseLong("" + environment.get("WEIR_HEAP_PERCENT")) / 100;
            long engine = environment.containsKey("WEIR_QUERY_MEMORYLIMIT")
                    ? Deploy.megabytes("" + environment.get("WEIR_QUERY_MEMORYLIMIT"))
                    : limit / 4;
            assertThat(heap + engine + Deploy.OTHER_MEGABYTES).as(name).isLessThanOrEqualTo(limit);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {STANDALONE, CLUSTER})
    void everyVariableIsASettingAndNoSecretIsWrittenDown(String file) {
        services(file).forEach((name, service) -> {
            Map<String, Object> environment = Deploy.map(service.getOrDefault("environment", Map.of()));
            if (isWeir(service)) {
                assertThat(Deploy.unknown(environment.keySet())).as(name).isEmpty();
            }
            environment.forEach((variable, value) -> {
                if (SECRET.matcher(variable).find()) {
                    assertThat("" + value).as(variable).startsWith("${").contains(":?");
                }
            });
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {STANDALONE, CLUSTER})
    void whatIsReferredToIsThere(String file) {
        Map<String, Object> compose = Deploy.yaml(Deploy.file(file));
        Set<String> volumes = Deploy.map(compose.get("volumes")).keySet();
        Map<String, Object> networks = Deploy.map(compose.getOrDefault("networks", Map.of()));
        Set<String> used = new HashSet<>();
        Set<String> published = new HashSet<>();
        services(file).forEach((name, service) -> {
            Deploy.map(service.getOrDefault("depends_on", Map.of()))
                    .keySet()
                    .forEach(other -> assertThat(services(file)).containsKey(other));
            for (Object mount : (List<?>) service.getOrDefault("volumes", List.of())) {
                String source = mount.toString().split(":")[0];
                if (source.startsWith(".")) {
                    assertThat(Files.exists(Deploy.file("compose").resolve(source)))
                            .as(source)
                            .isTrue();
                } else {
                    assertThat(volumes).contains(source);
                    assertThat(used.add(source)).as("%s has one owner", source).isTrue();
                }
            }
            for (Object port : (List<?>) service.getOrDefault("ports", List.of())) {
                assertThat(port.toString()).startsWith("127.0.0.1:");
                assertThat(published.add(port.toString().split(":")[1]))
                        .as("port %s", port)
                        .isTrue();
            }
            ((List<?>) service.getOrDefault("networks", List.of()))
                    .forEach(network -> assertThat(networks).containsKey(network.toString()));
            assertThat(service.get("image").toString()).as(name).matches(isWeir(service) ? ".*" : ".+:.*[0-9].*");
        });
        assertThat(used).isEqualTo(volumes);
    }

    @Test
    void redisIsABoundedCache() {
        Map<String, Object> redis = services(CLUSTER).get("redis");
        List<?> command = (List<?>) redis.get("command");

        assertThat(option(command, "--maxmemory-policy")).isEqualTo("allkeys-lru");
        assertThat(Deploy.megabytes(option(command, "--maxmemory")))
                .isLessThan(Deploy.megabytes(Deploy.at(redis, "deploy.resources.limits.memory")) * 3 / 4);
        // Four replicas with a hundred connections each, and as many while they are replaced.
        assertThat(Integer.parseInt(option(command, "--maxclients"))).isBetween(800, 2_000);
    }

    private static String option(List<?> command, String name) {
        return command.get(command.indexOf(name) + 1).toString();
    }

    @Test
    void queryReplicasKnowEveryIngestReplicaAndPrometheusAllOfThem() {
        Map<String, Map<String, Object>> services = services(CLUSTER);
        Set<String> ingest = new TreeSet<>();
        Set<String> all = new TreeSet<>();
        services.forEach((name, service) -> {
            List<?> command = (List<?>) service.getOrDefault("command", List.of());
            if (command.contains("ingest")) {
                ingest.add(name + ":8088");
                all.add(name + ":8086");
            } else if (command.contains("query")) {
                all.add(name + ":8087");
            }
        });
        assertThat(ingest).hasSize(2);
        services.forEach((name, service) -> {
            if (((List<?>) service.getOrDefault("command", List.of())).contains("query")) {
                assertThat(Deploy.at(service, "environment.WEIR_QUERY_INGESTREPLICAS"))
                        .isEqualTo(String.join(",", ingest));
            }
        });
        Set<String> watched = new TreeSet<>();
        for (Object config : (List<?>)
                Deploy.at(Deploy.yaml(Deploy.file("compose/prometheus.yaml")), "scrape_configs.0.static_configs")) {
            ((List<?>) Deploy.at(config, "targets")).forEach(target -> watched.add(target.toString()));
        }
        assertThat(watched).isEqualTo(all);
    }

    private static boolean isWeir(Map<String, Object> service) {
        return service.get("image").toString().contains("WEIR_IMAGE");
    }

    private static Map<String, Map<String, Object>> services(String file) {
        Map<String, Map<String, Object>> services = new java.util.TreeMap<>();
        Deploy.map(Deploy.yaml(Deploy.file(file)).get("services"))
                .forEach((name, service) -> services.put(name, Deploy.map(service)));
        return services;
    }
}
