package io.weir.query.plan;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The functions a statement may call. Everything else is refused, known or not. */
final class AllowedFunctions {

    private static final String LIST = "allowed-functions.txt";
    private static final Set<String> TABLE_FUNCTIONS = Set.of("range", "generate_series", "unnest", "json_each");
    private static final Set<String> NAMES = load();

    private AllowedFunctions() {}

    static boolean isAllowed(String name) {
        return NAMES.contains(name.toLowerCase(Locale.ROOT));
    }

    static boolean isAllowedInFrom(String name) {
        return TABLE_FUNCTIONS.contains(name.toLowerCase(Locale.ROOT));
    }

    private static Set<String> load() {
        InputStream stream = Objects.requireNonNull(AllowedFunctions.class.getResourceAsStream(LIST), LIST);
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return lines.lines()
                    .filter(line -> !line.isEmpty() && !line.startsWith("# "))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
