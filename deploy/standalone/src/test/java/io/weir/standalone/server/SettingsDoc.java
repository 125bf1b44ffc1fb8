package io.weir.standalone.server;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.springframework.boot.configurationprocessor.ConfigurationMetadataAnnotationProcessor;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The settings of Weir as a page: what Spring's processor of configuration metadata reads from the records that hold them, their
 * defaults and the texts of their parameters, as a table for each feature.
 */
final class SettingsDoc {

    private static final Pattern CODE = Pattern.compile("\\{@(?:code|link)\\s+([^}]+)}");
    private static final Pattern PLAIN_DEFAULT =
            Pattern.compile("^default [a-z0-9]+[A-Za-z]*; |[;,.] [Dd]efault (true|false|[0-9][0-9,]* ?[a-zA-Z]*)$");
    private static final Pattern PREFIX = Pattern.compile("@ConfigurationProperties\\(\"([a-z.-]+)\"\\)");
    private static final String METADATA = "META-INF/spring-configuration-metadata.json";

    /** A setting: its default as it is written, empty where there is none or it is worked out at the start. */
    record Setting(String key, String defaultValue, String meaning) {}

    private SettingsDoc() {}

    /**
     * Every setting, by its feature.
     *
     * @param root of the source tree
     * @param output an empty directory
     */
    static Map<String, List<Setting>> read(Path root, Path output) {
        List<Path> sources = sourceDirectories(root);
        List<Path> holders = sources.stream().flatMap(SettingsDoc::holders).toList();
        process(sources, holders, output);
        Map<String, List<Setting>> features = new TreeMap<>();
        List<String> prefixes =
                holders.stream().map(SettingsDoc::prefix).distinct().toList();
        for (JsonNode property : metadata(output)) {
            String key = property.get("name").asString();
            features.computeIfAbsent(feature(key, prefixes), none -> new ArrayList<>())
                    .add(new Setting(
                            key,
                            text(property.get("defaultValue")),
                            meaning(property.path("description").asString())));
        }
        features.values().forEach(settings -> settings.sort((a, b) -> a.key().compareTo(b.key())));
        return features;
    }

    private static String text(JsonNode value) {
        if (value == null) {
            return "";
        }
        return value.isArray()
                ? value.valueStream().map(JsonNode::asString).collect(Collectors.joining(","))
                : value.asString();
    }

    /** Without the default where it is a plain one, for it has a column of its own. */
    private static String meaning(String description) {
        String text = CODE.matcher(description).replaceAll("`$1`").replaceAll("\\s+", " ");
        return PLAIN_DEFAULT.matcher(text).replaceAll("").replace("|", "\\|");
    }

    /** The longest prefix of a record that the key has. */
    private static String feature(String key, List<String> prefixes) {
        return prefixes.stream()
                .filter(prefix -> key.startsWith(prefix + "."))
                .max((a, b) -> Integer.compare(a.length(), b.length()))
                .orElseThrow(() -> new AssertionError(key + " is of no record"));
    }

    private static List<Path> sourceDirectories(Path root) {
        try (Stream<Path> all = Files.walk(root, 2)) {
            return all.map(module -> module.resolve("src/main/java"))
                    .filter(path -> Files.isDirectory(path.resolve("io/weir")))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> holders(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            return all
                    .filter(path -> path.toString().endsWith(".java"))
                    .filter(path -> PREFIX.matcher(read(path)).find())
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String prefix(Path holder) {
        return PREFIX.matcher(read(holder)).results().findFirst().orElseThrow().group(1);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the processor and nothing else: no class is written. Types come from their sources, which have the texts. */
    private static void process(List<Path> sources, List<Path> holders, Path output) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter said = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "-proc:only",
                    "-Xprefer:source",
                    "-implicit:none",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "-sourcepath",
                    sources.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                    "-d",
                    output.toString());
            JavaCompiler.CompilationTask task =
                    compiler.getTask(said, files, null, options, null, files.getJavaFileObjectsFromPaths(holders));
            task.setProcessors(List.of(new ConfigurationMetadataAnnotationProcessor()));
            if (!task.call()) {
                throw new AssertionError(said.toString());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode metadata(Path output) {
        return new JsonMapper().readTree(read(output.resolve(METADATA))).get("properties");
    }

    /** The tables, in the order of their features. */
    static String page(Map<String, List<Setting>> features) {
        StringBuilder page = new StringBuilder();
        features.forEach((feature, settings) -> {
            page.append("\n## ").append(feature).append("\n\n| key | default | meaning |\n|---|---|---|\n");
            for (Setting setting : settings) {
                page.append("| `").append(setting.key()).append("` | ");
                page.append(setting.defaultValue().isEmpty() ? "" : "`" + setting.defaultValue() + "`");
                page.append(" | ").append(setting.meaning()).append(" |\n");
            }
        });
        return page.toString();
    }
}
