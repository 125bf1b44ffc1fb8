package io.weir.query.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.auth.Principal;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.QueryParameters;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TimeZone;
import java.util.stream.Stream;
import org.duckdb.DuckDBResultSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every statement of a corpus through the whole path of a query, over files and hot rows, gives what plain DuckDB gives over the
 * same rows in ordinary tables: names, types, cells. LESSONS 33, 35.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorpusTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int LEAST = 300;

    private Path directory;

    private final TimeZone host = TimeZone.getDefault();
    private Connection plain;
    private DuckDbEngine engine;
    private QueryRunner pruning;
    private QueryRunner complete;

    @BeforeAll
    void open(@TempDir Path temporary) throws Exception {
        directory = temporary;
        TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
        Path files = Files.createDirectories(directory.resolve("data"));
        plain = DriverManager.getConnection("jdbc:duckdb:");
        try (Statement statement = plain.createStatement()) {
            for (String sql : resource("tables.sql").split(";\n")) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
        CorpusTables tables = new CorpusTables(plain, files);
        tables.add(
                "main",
                "cpu",
                Set.of("host", "region"),
                List.of("late|n < 40", "late,b|n BETWEEN 40 AND 79", "n BETWEEN 80 AND 99"),
                "n >= 100");
        tables.add("main", "mem", Set.of("host"), List.of(), "true");
        tables.add("main", "größe 日本", Set.of("straße"), List.of("\"select\" < 3", "\"select\" >= 3"), "false");
        tables.add("main", "empty", Set.of("host"), List.of(), "false");
        tables.add("main", "order", Set.of("from"), List.of("\"group\" = 1"), "\"group\" > 1");
        tables.add("other", "cpu", Set.of("host"), List.of("n < 10"), "n >= 10");
        tables.add("other", "my-m.x", Set.of("host"), List.of(), "true");
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(files),
                directory.resolve("spill"),
                512L << 20,
                2,
                2,
                64,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60)));
        TableResolver resolver = new TableResolver(tables, new SnapshotReader(tables, tables));
        pruning = new QueryRunner(engine, tables, resolver, true);
        complete = new QueryRunner(engine, tables, resolver, false);
    }

    @AfterAll
    void close() throws Exception {
        engine.close();
        plain.close();
        TimeZone.setDefault(host);
    }

    private static String resource(String name) {
        try (var stream = Objects.requireNonNull(CorpusTest.class.getResourceAsStream(name), name)) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * One statement a line; ⏎ stands for the end of a line. A line that begins with {@code >} is compared in order; behind ⁇ are the
     * values of parameters, as JSON; a line that begins with {@code #} is a heading.
     */
    static Stream<String> statements() {
        return resource("statements.txt").lines().filter(line -> !line.isBlank() && !line.startsWith("# "));
    }

    @Test
    void theCorpusIsLarge() {
        assertThat(statements().distinct().count()).isGreaterThanOrEqualTo(LEAST);
    }

    @ParameterizedTest
    @MethodSource("statements")
    void answersAreThoseOfPlainDuckDb(String line) throws Exception { // lessons 33, 35
        boolean ordered = line.startsWith(">");
        String[] parts = (ordered ? line.substring(1) : line).strip().split(" ⁇ ", 2);
        String sql = parts[0].replace('⏎', '\n');
        JsonNode parameters = JSON.readTree(parts.length == 2 ? parts[1] : "[]");
        Answer expected = plain(sql, parameters);
        assertThat(expected.columns()).isNotEmpty();
        for (QueryRunner runner : List.of(pruning, complete)) {
            Answer actual = Objects.requireNonNull(runner.run(
                            new Query(
                                    Principal.unrestricted(CorpusTables.ORGANISATION, "tester"),
                                    "main",
                                    sql,
                                    parameters(parameters),
                                    Duration.ofSeconds(60)),
                            new Answer.Reader())
                    .blockLast());
            assertThat(actual.columns()).isEqualTo(expected.columns());
            assertThat((ordered ? actual : actual.sorted()).rows())
                    .isEqualTo((ordered ? expected : expected.sorted()).rows());
        }
    }

    private Answer plain(String sql, JsonNode parameters) throws Exception {
        try (PreparedStatement statement = plain.prepareStatement(numbered(sql, parameters))) {
            int number = 1;
            for (JsonNode value : parameters) {
                statement.setObject(number++, value(value));
            }
            try (var result = (DuckDBResultSet) statement.executeQuery()) {
                return Answer.of(result);
            }
        }
    }

    /** The driver binds by number only. */
    private static String numbered(String sql, JsonNode parameters) {
        String numbered = sql;
        int number = 1;
        for (Map.Entry<String, JsonNode> parameter : parameters.properties()) {
            numbered = numbered.replace("$" + parameter.getKey(), "$" + number++);
        }
        return numbered;
    }

    private static QueryParameters parameters(JsonNode node) {
        if (node.isObject()) {
            Map<String, Object> named = new LinkedHashMap<>();
            node.properties().forEach(parameter -> named.put(parameter.getKey(), value(parameter.getValue())));
            return QueryParameters.named(named);
        }
        List<Object> values = new ArrayList<>();
        node.forEach(value -> values.add(value(value)));
        return QueryParameters.positional(values);
    }

    private static Object value(JsonNode node) {
        return node.isNull()
                ? null
                : node.isBoolean()
                        ? (Object) node.asBoolean()
                        : node.isIntegralNumber()
                                ? (Object) node.asLong()
                                : node.isNumber() ? (Object) node.asDouble() : node.asString();
    }
}
