package io.weir.manifests;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V1StatefulSet;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** The Helm chart, rendered by Helm's own engine, and the Kubernetes API's types. */
final class Chart {

    private static final Path DIRECTORY = Deploy.file("helm/weir");
    private static final Gson GSON = new Gson();

    /** The oldest that the chart is for. */
    private static final String KUBERNETES = "1.27.0";

    /** Refuses an object of its kind that lacks what it needs or has a member that the API does not know. */
    private interface Check {
        void accept(JsonElement object) throws IOException;
    }

    private static final Map<String, Check> KINDS = Map.of(
            "v1/ConfigMap", V1ConfigMap::validateJsonElement,
            "v1/Service", V1Service::validateJsonElement,
            "v1/ServiceAccount", V1ServiceAccount::validateJsonElement,
            "apps/v1/StatefulSet", V1StatefulSet::validateJsonElement,
            "apps/v1/Deployment", V1Deployment::validateJsonElement,
            "autoscaling/v2/HorizontalPodAutoscaler", V2HorizontalPodAutoscaler::validateJsonElement,
            "policy/v1/PodDisruptionBudget", V1PodDisruptionBudget::validateJsonElement,
            "networking.k8s.io/v1/NetworkPolicy", V1NetworkPolicy::validateJsonElement);

    private Chart() {}

    /** The objects it makes with those values on top of its own, each with its place {@code KIND/NAME}. */
    static Map<String, Map<String, Object>> render(Path values) {
        String text = new Helm(DIRECTORY)
                .template()
                .withName("prod")
                .withNamespace("telemetry")
                .withKubeVersion(KUBERNETES)
                .withValuesFile(values)
                .call();
        Map<String, Map<String, Object>> objects = new java.util.TreeMap<>();
        for (Map<String, Object> object : Deploy.documents(text)) {
            String name = object.get("kind") + "/" + Deploy.at(object, "metadata.name");
            if (objects.put(name, object) != null) {
                throw new AssertionError(name + " is there twice");
            }
        }
        return objects;
    }

    /**
     * What Helm finds wrong or worth saying of the chart with those values.
     *
     * @param copy an empty directory, for a copy whose defaults are these values: the linter takes no others
     */
    static List<String> lint(Path values, Path copy) throws IOException {
        Path chart = copy.resolve("weir");
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            for (Path file : files.toList()) {
                Files.copy(file, chart.resolve(DIRECTORY.relativize(file).toString()));
            }
        }
        Map<String, Object> merged = Deploy.yaml(DIRECTORY.resolve("values.yaml"));
        merge(merged, Deploy.yaml(values));
        Files.writeString(chart.resolve("values.yaml"), new Yaml().dump(merged));
        LintResult result = new Helm(chart).lint().strict().call();
        return result.isFailed() ? result.getMessages() : List.of();
    }

    private static void merge(Map<String, Object> into, Map<String, Object> values) {
        values.forEach((key, value) -> {
            if (value instanceof Map<?, ?> && into.get(key) instanceof Map<?, ?> deeper) {
                merge(Deploy.map(deeper), Deploy.map(value));
            } else {
                into.put(key, value);
            }
        });
    }

    /** @throws IllegalArgumentException when the Kubernetes API would refuse it */
    static void check(Map<String, Object> object) throws IOException {
        String kind = object.get("apiVersion") + "/" + object.get("kind");
        if (!KINDS.containsKey(kind)) {
            throw new IllegalArgumentException(kind + " is no kind that the chart should make");
        }
        KINDS.get(kind).accept(GSON.toJsonTree(object));
    }
}
