package io.weir.manifests;

import io.weir.testing.Peers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files below {@code deploy}, and what the documents say of settings. */
final class Deploy {

    /** What a process needs besides its heap and the engine's memory; docs/tuning.md. */
    static final long OTHER_MEGABYTES = 300;

    private static final Set<String> FRAMEWORK_SETTINGS = Set.of("server.address", "server.port");
    private static final Pattern KEY = Pattern.compile("^\\| `([a-z0-9.-]+)` \\|", Pattern.MULTILINE);
    private static final Pattern QUANTITY = Pattern.compile("([0-9.]+) ?(m|k|[mg]i?b?)?", Pattern.CASE_INSENSITIVE);

    /** Read by the image's own scripts. */
    private static final Set<String> IMAGE_VARIABLES =
            Set.of("WEIR_HEAP_PERCENT", "WEIR_HEALTH_PORT", "WEIR_JAVA_OPTS");

    /** Given to servers that know of them; others pass over them. */
    private Deploy() {}

    static Path file(String name) {
        return Peers.root().resolve("deploy").resolve(name);
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Map<String, Object> yaml(Path file) {
        return map(new Yaml(new SafeConstructor(new LoaderOptions())).load(text(file)));
    }

    /** Every document of a text that is not empty. */
    static List<Map<String, Object>> documents(String text) {
        Iterable<Object> all = new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text);
        List<Map<String, Object>> documents = new java.util.ArrayList<>();
        for (Object one : all) {
            if (one != null) {
                documents.add(map(one));
            }
        }
        return documents;
    }

    @SuppressWarnings("unchecked") // keys of YAML that people write are texts
    static Map<String, Object> map(Object value) {
        return (Map<String, Object>) value;
    }

    /** What is at that path of members and numbers of items, {@code a.b.0.c}. */
    static Object at(Object from, String path) {
        Object at = from;
        for (String step : path.split("\\.")) {
            Object next = at instanceof List<?> list ? list.get(Integer.parseInt(step)) : map(at).get(step);
            if (next == null) {
                throw new AssertionError("there is no " + step + " of " + path + " in " + from);
            }
            at = next;
        }
        return at;
    }

    /** Every setting there is; docs/configuration.md is generated from them. */
    static Set<String> settings() {
        Matcher keys = KEY.matcher(text(Peers.root().resolve("docs/configuration.md")));
        Set<String> settings = new TreeSet<>();
        while (keys.find()) {
            settings.add(keys.group(1));
        }
        settings.addAll(FRAMEWORK_SETTINGS);
        return settings;
    }

    /** Names of environment variables that mean no setting and no script of the image looks at. */
    static Set<String> unknown(Set<String> variables) {
        Set<String> known = settings().stream().map(Deploy::variable).collect(Collectors.toCollection(TreeSet::new));
        known.addAll(IMAGE_VARIABLES);
        Set<String> unknown = new TreeSet<>(variables);
        unknown.removeAll(known);
        return unknown;
    }

    /** As Spring reads a setting from the environment. */
    static String variable(String setting) {
        return setting.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** An amount of memory, such as {@code 2g}, {@code 2Gi} or {@code 900MB}. */
    static long megabytes(Object quantity) {
        Matcher parts = QUANTITY.matcher(quantity.toString());
        if (!parts.matches() || parts.group(2) == null) {
            throw new IllegalArgumentException(quantity + " is no amount of memory");
        }
        double amount = Double.parseDouble(parts.group(1));
        return Math.round(parts.group(2).toLowerCase(Locale.ROOT).startsWith("g") ? amount * 1024 : amount);
    }
}
