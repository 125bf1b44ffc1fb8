package io.weir.query.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is known of functions that the engine replaces by their definition, against the engine as Weir runs it. LESSONS 51. */
class CopiedArgumentsTest {

    private static final String DEFINITIONS = "SELECT string_agg(concat_ws(chr(9), function_name,"
            + " array_to_string(parameters, ','), replace(macro_definition, chr(10), ' ')), chr(10))"
            + " FROM duckdb_functions() WHERE function_type = ?";

    @TempDir
    Path directory;

    @Test
    void everyFunctionWhoseDefinitionNamesAnArgumentTwiceIsKnown() {
        try (DuckDbEngine engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory),
                directory.resolve("spill"),
                64L << 20,
                1,
                1,
                1,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10)))) {
            String definitions = Objects.requireNonNull(engine.withSession(
                            Duration.ofSeconds(20),
                            session -> session.run(connection -> connection.text(DEFINITIONS, "macro"))
                                    .flux())
                    .blockLast());
            Map<String, Integer> copied = new TreeMap<>();
            definitions.lines().map(line -> line.split("\t", -1)).forEach(function -> {
                if (AllowedFunctions.isAllowed(function[0])) {
                    copied.merge(function[0], copies(function[1], function[2]), Math::max);
                }
            });
            assertThat(copied).containsKeys("nullif", "date_trunc", "time_bucket");
            Map<String, Integer> known = new TreeMap<>();
            copied.keySet().forEach(function -> known.put(function, CopiedArguments.times(function)));
            known.values().removeIf(times -> times == 1);
            copied.values().removeIf(times -> times == 1);
            assertThat(known).isEqualTo(copied);
        }
    }

    private static int copies(String parameters, String definition) {
        String code = definition.replaceAll("'[^']*'", "''");
        int most = 1;
        for (String parameter : parameters.split(",", -1)) {
            long times = Pattern.compile("\\b" + Pattern.quote(parameter) + "\\b", Pattern.CASE_INSENSITIVE)
                    .matcher(code)
                    .results()
                    .count();
            most = Math.max(most, Math.toIntExact(times));
        }
        return most;
    }
}
