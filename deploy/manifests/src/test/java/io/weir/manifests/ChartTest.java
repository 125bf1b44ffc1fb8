package io.weir.manifests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.weir.testing.Peers;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Helm chart by Helm's own engine and the Kubernetes API's types, without a cluster. REQUIREMENTS O6, O7. */
class ChartTest {

    private static final String LEAST = "values-least.yaml";
    private static final String ALL = "values-all.yaml";
    private static final String INGEST = "StatefulSet/prod-weir-ingest";
    private static final String QUERY = "Deployment/prod-weir-query";

    @TempDir
    Path directory;

    private static Path values(String name) {
        try {
            return Path.of(
                    Objects.requireNonNull(ChartTest.class.getResource(name)).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {LEAST, ALL})
    void helmFindsNothingWrong(String file) throws IOException {
        assertThat(Chart.lint(values(file), directory)).isEmpty();
    }

    @Test
    void helmFindsWhatIsWrong() throws IOException {
        Path file = Files.writeString(directory.resolve("values.yaml"), "networkPolicy: {egressPort: [1]}");

        assertThat(Chart.lint(file, directory)).anyMatch(message -> message.contains("egressPort"));
    }

    @ParameterizedTest
    @ValueSource(strings = {LEAST, ALL})
    void everyObjectIsAsTheKubernetesApiHasIt(String file) throws IOException {
        Map<String, Map<String, Object>> objects = Chart.render(values(file));

        assertThat(objects).containsKeys(INGEST, QUERY);
        for (Map<String, Object> object : objects.values()) {
            // The type of the Prometheus operator is none of Kubernetes' own; a test below looks at it.
            if (!object.get("kind").equals("ServiceMonitor")) {
                Chart.check(object);
            }
        }
    }

    @Test
    void theCheckOfTypesRefusesWhatIsMisspeltOrMissing() {
        Map<String, Object> ingest = Chart.render(values(LEAST)).get(INGEST);
        Deploy.map(Deploy.at(ingest, "spec.template.spec.containers.0")).put("imagePullPolice", "Always");
        assertThatThrownBy(() -> Chart.check(ingest)).hasMessageContaining("imagePullPolice");

        Map<String, Object> query = Chart.render(values(LEAST)).get(QUERY);
        Deploy.map(Deploy.at(query, "spec")).remove("selector");
        assertThatThrownBy(() -> Chart.check(query)).hasMessageContaining("selector");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ingest: {replica: 3} | replica",
                "ingest: {replicas: 0} | replicas",
                "query: {engineMemory: lots} | engineMemory",
                "storage: {type: nfs} | type",
                "settings: {wier.query.timeout: 1s} | wier.query.timeout",
                "query: {resources: {limits: {memory: null}}} | memory",
                "catalog: {password: secret} | password",
            })
    void misspeltValuesAreRefused(String text, String named) throws IOException {
        Path file = Files.writeString(directory.resolve("values.yaml"), text);

        assertThatThrownBy(() -> Chart.render(file)).hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource({"catalog:,catalog.url", "internal:,internal.secret.name", "storage:,storage.bucket"})
    void whatIsMissingIsNamed(String without, String named) throws IOException {
        StringBuilder text = new StringBuilder();
        boolean left = false;
        for (String line : Deploy.text(values(LEAST)).lines().toList()) {
            left = line.startsWith(" ") ? left : line.equals(without);
            text.append(left ? "" : line + "\n");
        }
        Path file = Files.writeString(directory.resolve("values.yaml"), text);

        assertThatThrownBy(() -> Chart.render(file)).hasMessageContaining(named);
    }

    @Test
    void metricsNeedATokenOrAreMadePublic() throws IOException {
        Path file = Files.writeString(
                directory.resolve("values.yaml"),
                Deploy.text(values(LEAST)) + "metrics: {serviceMonitor: {enabled: true}}\n");

        assertThatThrownBy(() -> Chart.render(file)).hasMessageContaining("metrics.serviceMonitor.tokenSecret.name");
    }

    /** Queries of all visible rows ask every ingest replica; one that comes and goes would fail them. ADR 13. */
    @Test
    void ingestScalesByItselfOnlyWhereQueriesReadFiles() throws IOException {
        Path file = Files.writeString(
                directory.resolve("values.yaml"),
                Deploy.text(values(LEAST)) + "ingest: {autoscaling: {enabled: true}}\n");

        assertThatThrownBy(() -> Chart.render(file)).hasMessageContaining("weir.query.freshness: committed");
    }

    @ParameterizedTest
    @ValueSource(strings = {INGEST, QUERY})
    void podsAreNotRootAndWriteOnlyToVolumes(String workload) {
        Map<String, Object> pod = pod(workload);

        assertThat(Deploy.map(Deploy.at(pod, "securityContext")))
                .contains(
                        entry("runAsNonRoot", true),
                        entry("runAsUser", Integer.parseInt(image().only("USER").split(":")[0])),
                        entry("seccompProfile", Map.of("type", "RuntimeDefault")));
        assertThat(pod).containsEntry("automountServiceAccountToken", false);
        Object container = Deploy.at(pod, "containers.0");
        assertThat(Deploy.map(Deploy.at(container, "securityContext")))
                .containsOnly(
                        entry("readOnlyRootFilesystem", true),
                        entry("allowPrivilegeEscalation", false),
                        entry("capabilities", Map.of("drop", List.of("ALL"))));
        Set<String> mounted = ((List<?>) Deploy.at(container, "volumeMounts"))
                .stream().map(mount -> Deploy.at(mount, "mountPath").toString()).collect(Collectors.toSet());
        assertThat(mounted).containsAll(Dockerfile.words(image().only("VOLUME")));
    }

    private static Dockerfile.Stage image() {
        return Dockerfile.read(Deploy.file("images/Dockerfile")).image();
    }

    @ParameterizedTest
    @ValueSource(strings = {INGEST, QUERY})
    void memoryIsBoundedAndHeapAndEngineFitIntoIt(String workload) {
        Object container = Deploy.at(pod(workload), "containers.0");
        long limit = Deploy.megabytes(Deploy.at(container, "resources.limits.memory"));

        assertThat(Deploy.at(container, "resources.limits.cpu")).isNotNull();
        assertThat(Deploy.megabytes(Deploy.at(container, "resources.requests.memory")))
                .isEqualTo(limit);
        long heap = limit * Long.parseLong(variable(container, "WEIR_HEAP_PERCENT")) / 100;
        long engine =
                workload.equals(QUERY) ? Deploy.megabytes(settings("query").get("weir.query.memory-limit")) : 0;
        assertThat(heap + engine + Deploy.OTHER_MEGABYTES).isLessThanOrEqualTo(limit);
    }

    private static String variable(Object container, String name) {
        return ((List<?>) Deploy.at(container, "env"))
                .stream()
                        .filter(variable -> Deploy.at(variable, "name").equals(name))
                        .map(variable -> Deploy.at(variable, "value").toString())
                        .findFirst()
                        .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {INGEST, QUERY})
    void probesCoverTheReplayAndAStopHasItsTime(String workload) {
        Map<String, Object> pod = pod(workload);
        Object container = Deploy.at(pod, "containers.0");

        int patience =
                number(container, "startupProbe.periodSeconds") * number(container, "startupProbe.failureThreshold");
        assertThat(patience).isGreaterThanOrEqualTo(workload.equals(INGEST) ? 1_800 : 300);
        assertThat(Deploy.at(container, "startupProbe.httpGet.path")).isEqualTo("/health/liveness");
        assertThat(Deploy.at(container, "readinessProbe.httpGet.path")).isEqualTo("/health/readiness");
        assertThat(Deploy.at(container, "livenessProbe.httpGet.path")).isEqualTo("/health/liveness");
        // Shorter than what Kubernetes sends SIGKILL after: the pause before SIGTERM, requests, flushes.
        int flush = workload.equals(INGEST)
                ? Integer.parseInt(settings("ingest")
                        .get("weir.ingest.stop-patience")
                        .toString()
                        .replace("s", ""))
                : 0;
        int pause = Integer.parseInt(
                Deploy.at(container, "lifecycle.preStop.exec.command.1").toString());
        assertThat(number(pod, "terminationGracePeriodSeconds")).isGreaterThanOrEqualTo(pause + 10 + flush + 10);
    }

    private static int number(Object from, String path) {
        return Integer.parseInt(Deploy.at(from, path).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {LEAST, ALL})
    void secretsAreOnlyReferredTo(String file) {
        Map<String, Map<String, Object>> objects = Chart.render(values(file));

        assertThat(objects.keySet()).noneMatch(name -> name.startsWith("Secret/"));
        Pattern secret = Pattern.compile("PASSWORD|TOKEN|KEY|USERNAME");
        for (String workload : List.of(INGEST, QUERY)) {
            for (Object variable : (List<?>) Deploy.at(objects.get(workload), "spec.template.spec.containers.0.env")) {
                if (secret.matcher(Deploy.at(variable, "name").toString()).find()) {
                    assertThat(Deploy.at(variable, "valueFrom.secretKeyRef.name"))
                            .isNotNull();
                }
            }
        }
        for (String role : List.of("ingest", "query")) {
            assertThat(Deploy.at(objects.get("ConfigMap/prod-weir-" + role), "data")
                            .toString())
                    .doesNotContainIgnoringCase("password", "secret-key", "internal.token");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {LEAST, ALL})
    void everySettingExists(String file) {
        Map<String, Map<String, Object>> objects = Chart.render(values(file));
        for (String workload : List.of(INGEST, QUERY)) {
            Object container = Deploy.at(objects.get(workload), "spec.template.spec.containers.0");
            Set<String> names = ((List<?>) Deploy.at(container, "env"))
                    .stream()
                            .map(variable -> Deploy.at(variable, "name").toString())
                            .filter(name -> name.startsWith("WEIR_"))
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(Deploy.unknown(names)).isEmpty();
        }
        for (String role : List.of("ingest", "query")) {
            assertThat(settings(objects, role).keySet()).isSubsetOf(Deploy.settings());
        }
    }

    @Test
    void ownSettingsWin() {
        Map<String, Map<String, Object>> objects = Chart.render(values(ALL));

        assertThat(settings(objects, "ingest"))
                .containsEntry("weir.wal.sync", "fdatasync")
                .containsEntry("weir.compaction.parallelism", 2)
                .doesNotContainKey("weir.query.timeout");
        assertThat(settings(objects, "query"))
                .containsEntry("weir.query.timeout", "60s")
                .containsEntry("weir.storage.s3.endpoint", "http://minio:9000");
    }

    /** A replica that is missing from the list is one whose newest rows are not seen; ADR 13. */
    @Test
    void queryReplicasKnowEveryIngestReplicaThereMayBe() {
        assertThat(settings(Chart.render(values(LEAST)), "query").get("weir.query.ingest-replicas"))
                .isEqualTo(
                        "prod-weir-ingest-0.prod-weir-ingest-replicas:8088,prod-weir-ingest-1.prod-weir-ingest-replicas:8088");
        Map<String, Map<String, Object>> objects = Chart.render(values(ALL));
        assertThat(settings(objects, "query")
                        .get("weir.query.ingest-replicas")
                        .toString()
                        .split(","))
                .hasSize(number(objects.get("HorizontalPodAutoscaler/prod-weir-ingest"), "spec.maxReplicas"))
                .allMatch(address -> address.endsWith(":8088"));
        assertThat(Deploy.at(objects.get("Service/prod-weir-ingest-replicas"), "spec.publishNotReadyAddresses"))
                .isEqualTo(true);
        assertThat(Deploy.at(objects.get(INGEST), "spec.serviceName")).isEqualTo("prod-weir-ingest-replicas");
    }

    @Test
    void ingestAndQueryScaleApartByTheirOwnSignals() {
        Map<String, Map<String, Object>> objects = Chart.render(values(ALL));

        assertThat(signals(objects, "ingest")).containsExactly("cpu", "weir_ingest_buffer_fill");
        assertThat(signals(objects, "query")).containsExactly("cpu", "weir_query_queue_seconds");
        for (String workload : List.of(INGEST, QUERY)) {
            assertThat(Deploy.map(Deploy.at(objects.get(workload), "spec")))
                    .as("the scaler's, not the chart's")
                    .doesNotContainKey("replicas");
        }
        assertThat(Chart.render(values(LEAST)).keySet()).noneMatch(name -> name.startsWith("Horizontal"));
    }

    private static List<String> signals(Map<String, Map<String, Object>> objects, String role) {
        Map<String, Object> scaler = objects.get("HorizontalPodAutoscaler/prod-weir-" + role);
        List<String> signals = new ArrayList<>();
        for (Object metric : (List<?>) Deploy.at(scaler, "spec.metrics")) {
            boolean ofResource = Deploy.at(metric, "type").equals("Resource");
            signals.add(Deploy.at(metric, ofResource ? "resource.name" : "pods.metric.name")
                    .toString());
        }
        return signals;
    }

    /** The rules of the adapter make what the scalers ask for, of metrics that there are. */
    @Test
    void theAdaptersRulesAreOfMetricsThatExist() {
        String documented = Deploy.text(Peers.root().resolve("docs/tuning.md"));
        List<Object> rules = new ArrayList<>((List<?>) Deploy.at(
                Map.of(
                        "rules",
                        new org.yaml.snakeyaml.Yaml()
                                .load(Deploy.text(Deploy.file("helm/weir/files/prometheus-adapter.yaml")))),
                "rules"));

        assertThat(rules.stream().map(rule -> Deploy.at(rule, "name.as").toString()))
                .containsExactly("weir_ingest_buffer_fill", "weir_query_queue_seconds");
        for (Object rule : rules) {
            Stream<String> series = Pattern.compile("weir_[a-z_]+")
                    .matcher(Deploy.at(rule, "metricsQuery").toString())
                    .results()
                    .map(found -> found.group().replaceAll("_(count|pending)$", ""));
            assertThat(series).allMatch(documented::contains);
        }
    }

    @Test
    void onlyQueryReplicasReachTheInternalPort() {
        Map<String, Map<String, Object>> objects = Chart.render(values(ALL));
        Map<String, Object> policy = objects.get("NetworkPolicy/prod-weir-ingest");
        Map<String, Object> labels = Deploy.map(Deploy.at(objects.get(QUERY), "spec.template.metadata.labels"));

        assertThat(Deploy.at(policy, "spec.ingress.0.ports.0.port")).isEqualTo("http");
        assertThat(Deploy.at(policy, "spec.ingress.1.ports.0.port")).isEqualTo("internal");
        assertThat(labels)
                .containsAllEntriesOf(Deploy.map(Deploy.at(policy, "spec.ingress.1.from.0.podSelector.matchLabels")))
                .containsEntry("app.kubernetes.io/component", "query");
        assertThat(Deploy.map(Deploy.at(policy, "spec.ingress.1.from.0.podSelector.matchLabels")))
                .containsEntry("app.kubernetes.io/component", "query");
        assertThat((List<?>) Deploy.at(policy, "spec.ingress")).hasSize(2);
        assertThat(Deploy.map(Deploy.at(objects.get(INGEST), "spec.template.metadata.labels")))
                .containsAllEntriesOf(Deploy.map(Deploy.at(policy, "spec.podSelector.matchLabels")));
    }

    @Test
    void theLogHasAVolumeThatOutlivesItsPodAndBudgetsProtectReplicas() {
        Map<String, Map<String, Object>> objects = Chart.render(values(LEAST));
        Map<String, Object> ingest = objects.get(INGEST);

        assertThat(Deploy.at(ingest, "spec.volumeClaimTemplates.0.spec.accessModes"))
                .isEqualTo(List.of("ReadWriteOnce"));
        assertThat(Deploy.at(ingest, "spec.persistentVolumeClaimRetentionPolicy.whenScaled"))
                .isEqualTo("Retain");
        assertThat(Deploy.at(ingest, "spec.persistentVolumeClaimRetentionPolicy.whenDeleted"))
                .isEqualTo("Retain");
        for (String role : List.of("ingest", "query")) {
            assertThat(number(objects.get("PodDisruptionBudget/prod-weir-" + role), "spec.maxUnavailable"))
                    .isEqualTo(1);
        }
    }

    @Test
    void prometheusFindsBothServicesAndShowsItsToken() {
        Map<String, Map<String, Object>> objects = Chart.render(values(ALL));
        for (String role : List.of("ingest", "query")) {
            Map<String, Object> monitor = objects.get("ServiceMonitor/prod-weir-" + role);
            assertThat(Deploy.map(monitor.get("spec"))).containsOnlyKeys("selector", "endpoints");
            Map<String, Object> service = objects.get("Service/prod-weir-" + role);
            assertThat(Deploy.map(Deploy.at(service, "metadata.labels")))
                    .containsAllEntriesOf(Deploy.map(Deploy.at(monitor, "spec.selector.matchLabels")));
            assertThat(Deploy.at(monitor, "spec.endpoints.0.port")).isEqualTo(Deploy.at(service, "spec.ports.0.name"));
            assertThat(Deploy.at(monitor, "spec.endpoints.0.authorization.credentials.name"))
                    .isEqualTo("weir-metrics");
        }
    }

    private static Map<String, Object> pod(String workload) {
        return Deploy.map(Deploy.at(Chart.render(values(LEAST)).get(workload), "spec.template.spec"));
    }

    private static Map<String, Object> settings(String role) {
        return settings(Chart.render(values(LEAST)), role);
    }

    private static Map<String, Object> settings(Map<String, Map<String, Object>> objects, String role) {
        Map<String, Object> data = Deploy.map(Deploy.at(objects.get("ConfigMap/prod-weir-" + role), "data"));
        return Deploy.documents(data.get("weir.yaml").toString()).get(0);
    }
}
