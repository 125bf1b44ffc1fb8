package io.weir.query.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import io.weir.query.TestTables;
import io.weir.query.engine.Query;
import io.weir.query.engine.QueryRunner;
import io.weir.query.plan.ParsedStatement;
import io.weir.query.plan.QueryParameters;
import io.weir.query.plan.StatementParser;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Statements that want out, against the planner without an engine behind it, against the engine without a planner before it, and
 * against both. REQUIREMENTS Q7; LESSONS 51, 52, 54.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileTest {

    private static final String CANARY = "canary-4711";
    private static final int LEAST = 200;

    private Path directory;

    private DuckDbEngine engine;
    private QueryRunner runner;

    @BeforeAll
    void open(@TempDir Path temporary) throws Exception {
        directory = temporary;
        Path data = Files.createDirectories(directory.resolve("data"));
        Files.writeString(directory.resolve("outside.csv"), "a\n" + CANARY + "\n");
        Files.createSymbolicLink(data.resolve("link.csv"), directory.resolve("outside.csv"));
        TestTables tables = new TestTables(data);
        tables.write(tables.create("main", "cpu"), 0, 10);
        tables.write(tables.create("main", "mem"), 0, 10);
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(data),
                directory.resolve("spill"),
                256L << 20,
                2,
                2,
                64,
                Duration.ofSeconds(30),
                Duration.ofSeconds(60)));
        runner = new QueryRunner(engine, tables, new TableResolver(tables, new SnapshotReader(tables, tables)), true);
    }

    @AfterAll
    void close() {
        engine.close();
    }

    static Stream<String> statements() throws IOException {
        try (var stream = Objects.requireNonNull(HostileTest.class.getResourceAsStream("hostile.txt"))) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8)
                    .lines().filter(line -> !line.startsWith("# ")).toList().stream();
        }
    }

    private String sql(String line) {
        return line.substring(2).replace("$DIR", directory.toString()).replace('⏎', '\n');
    }

    @Test
    void thereAreManyOfThem() throws IOException {
        assertThat(statements().distinct().count()).isGreaterThanOrEqualTo(LEAST);
    }

    @ParameterizedTest
    @MethodSource("statements")
    void thePlannerAloneRefusesThem(String line) {
        String sql = sql(line);
        if (line.startsWith("N ")) {
            ParsedStatement parsed = parsed(sql);
            if (parsed instanceof ParsedStatement.Select select) {
                assertThat(select.tables()).hasSize(1);
            } else {
                assertThat(parsed).isInstanceOf(ParsedStatement.Describe.class);
            }
        } else {
            assertThatThrownBy(() -> parsed(sql))
                    .isInstanceOfSatisfying(
                            WeirException.class,
                            e -> assertThat(e.code()).isIn(QueryError.SQL_NOT_ALLOWED, QueryError.SQL_SYNTAX));
        }
    }

    private ParsedStatement parsed(String sql) {
        return engine.withSession(
                        Duration.ofSeconds(30),
                        session -> session.run(connection -> StatementParser.read(
                                        sql, text -> connection.text(StatementParser.TREE_SQL, text)))
                                .flux())
                .blockLast();
    }

    @ParameterizedTest
    @MethodSource("statements")
    void theEngineAloneGivesNothingAway(String line) throws IOException {
        String sql = sql(line);
        String given;
        try {
            given = String.valueOf(engine.withSession(
                            Duration.ofSeconds(30), session -> session.stream(sql, List.of(), new Answer.Reader()))
                    .blockLast());
        } catch (RuntimeException refused) {
            given = null;
        }
        if (!line.startsWith("P ") && !sql.contains("glob(") && !sql.contains("DESCRIBE")) {
            assertThat(given).as("answer of the engine").isNull();
        }
        assertThat(String.valueOf(given)).doesNotContain(CANARY, "outside.csv", "root:x");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("data", "outside.csv", "spill");
        }
    }

    @ParameterizedTest
    @MethodSource("statements")
    void bothTogetherAnswerWithAnErrorOfTheClient(String line) {
        assertThatThrownBy(() -> run(sql(line))).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code().status()).isBetween(400, 404);
            assertThat(e.getMessage()).doesNotContain(CANARY);
            if (line.startsWith("N ")) {
                assertThat(e.code()).isIn(CommonError.MEASUREMENT_NOT_FOUND, CommonError.DATABASE_NOT_FOUND);
            }
        });
    }

    private Answer run(String sql) {
        return runner.run(
                        new Query(
                                Principal.unrestricted(TestTables.ORGANISATION, "tester"),
                                "main",
                                sql,
                                QueryParameters.none(),
                                Duration.ofSeconds(30)),
                        new Answer.Reader())
                .blockLast();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"",
                "\"a\"\"b\"",
                "\"../x\"",
                "\"a/b\"",
                "\"C:\\x\"",
                "\"x;DROP\"",
                "\"*\"",
                "\"?\"",
                "\"a\nb\"",
                "\"' OR 1=1 --\"",
                "\"__weir_0\"",
                "\"__weir_described\"",
                "\"__weir_pivot_0_\"",
                "\"weir_hot\"",
                "\"sqlite_master\"",
                "\"pg_class\"",
                "\"information_schema\".\"tables\"",
                "\"pg_catalog\".\"pg_class\"",
                "\"system\".\"main\"",
                "\"temp\".\"cpu\"",
                "\"main\".\"duckdb_tables\"",
                "\"\u0000\"",
                "\"\uD83D\uDE00\"",
                "\"cpu \"",
                "\" cpu\"",
                "\"cpu\u200b\"",
                "\"ｃｐｕ\"",
                "\"cpu'\"",
                "\"cpu)\"",
                "\"/*\"",
                "\"--\"",
                "\"\\u0063pu\"",
                "\"cpu\".\"cpu\"",
                "\"file:cpu\"",
                "\"memory\".\"cpu\"",
                "\"\u202ecpu\""
            })
    void hostileNamesMeanNoMeasurement(String name) { // lessons 51, 59
        for (String sql : List.of(
                "SELECT * FROM " + name,
                "DESCRIBE " + name,
                "SELECT 1 FROM cpu WHERE n IN (SELECT n FROM " + name + ")",
                "PIVOT " + name + " ON host USING max(n)")) {
            assertThatThrownBy(() -> run(sql))
                    .as(sql)
                    .isInstanceOfSatisfying(
                            WeirException.class,
                            e -> assertThat(e.code().status()).isBetween(400, 404));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 1_000, 10_000, 100_000})
    void depthIsAnErrorAndNoCrash(int depth) {
        for (String sql : List.of(
                "SELECT " + "(".repeat(depth) + "1" + ")".repeat(depth),
                "SELECT 1 WHERE " + "[".repeat(depth) + "1" + "]".repeat(depth) + " IS NOT NULL",
                "SELECT " + "-".repeat(depth).replace("-", "- ") + "1",
                "SELECT " + "NOT ".repeat(depth) + "true",
                "SELECT " + "abs(".repeat(depth) + "1" + ")".repeat(depth),
                "SELECT 1" + " + 1".repeat(depth),
                "SELECT " + "(SELECT ".repeat(depth) + "1" + ")".repeat(depth),
                "SELECT * FROM " + "(FROM ".repeat(depth) + "cpu" + ")".repeat(depth))) {
            try {
                run(sql);
            } catch (WeirException refused) {
                assertThat(refused.code().status()).as(sql.substring(0, 20)).isEqualTo(400);
            }
        }
    }

    /** What the engine takes more than the square of the depth for, or the double for each level more. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[|n|]",
                "{'a': |n|}",
                "MAP {'a': |n|}",
                "row(|n|)",
                "struct_pack(a := |n|)",
                "[x FOR x IN |[n]|]"
            })
    void bracketsAreBoundedWhateverTheyMean(String shape) {
        assertThat(refusal(nested(shape, 30))).isEmpty();
        assertThat(refusal(nested(shape, 65))).contains("nested too deeply", "64 brackets");
    }

    @Test
    void quotesAndCommentsHideNoBrackets() {
        for (String before :
                List.of("/* a /* b */ ' */ ", "-- '\r ", "-- '\n ", "$a1$ ' $a1$ || ", "`'` + ", "e'\\'' || ")) {
            assertThat(refusal("SELECT " + before + "(".repeat(65) + "n" + ")".repeat(65) + " FROM cpu"))
                    .as(before)
                    .contains("nested too deeply", "64 brackets");
        }
        for (String text : List.of("'%s'", "\"%s\"", "`%s`", "$a1$%s$a1$", "1 /* %s */", "1 -- %s")) {
            assertThat(refusal("SELECT " + text.formatted("(".repeat(65)) + "\n FROM cpu"))
                    .as(text)
                    .doesNotContain("nested too deeply");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "list_transform([1], lambda x: |1|)",
                "list_filter([1], lambda x: |true|) = [1]",
                "[|1| FOR x IN [1]]",
                "nullif(|n|, 7)",
                "fmod(|v|, 7)",
                "split_part(|host|, 'x', 1)",
                "date_trunc('hour', |time|)",
                "time_bucket('1 hour', |time|)",
                "(|n| IN (0, 1, 2))",
                "CASE |n| WHEN 1 THEN 2 WHEN 3 THEN 4 END"
            })
    void whatTheEngineCopiesIsBoundedLongBeforeItsMemoryIs(String shape) {
        assertThat(refusal(nested(shape, 3))).isEmpty();
        assertThat(refusal(nested(shape, 12))).contains("nested too deeply");
        assertThat(refusal(nested(shape, 50))).contains("nested too deeply");
    }

    @Test
    void namesThatStandForMoreAndMoreAreBounded() {
        assertThat(refusal(aliases("%s + %s", 10))).isEmpty();
        assertThat(refusal(aliases("%s + %s", 40))).contains("20000 parts");
        assertThat(refusal(aliases("alias.%s + %s", 40))).contains("20000 parts");
        assertThat(refusal(aliases("nullif(%s, 7)", 40))).contains("20000 parts");
        assertThat(refusal(aliases("%s + 1", 100))).as("each names one").isEmpty();
        for (String kept : List.of("", "MATERIALIZED")) {
            assertThat(refusal(expressions(kept, 12))).isEmpty();
        }
        assertThat(refusal(expressions("NOT MATERIALIZED", 6))).isEmpty();
        assertThat(refusal(expressions("NOT MATERIALIZED", 30))).contains("1000 tables");
        String again = expressions("NOT MATERIALIZED", 9);
        assertThat(refusal("WITH c9 AS (SELECT 1 AS n) SELECT (" + again + ") + (" + again + ") FROM c9"))
                .as("all of a statement counts")
                .contains("1000 tables");
    }

    private static String aliases(String shape, int count) {
        StringBuilder sql = new StringBuilder("SELECT 1 AS a0");
        for (int i = 1; i <= count; i++) {
            sql.append(", ")
                    .append(shape.replace("%s", "a" + (i - 1)))
                    .append(" AS a")
                    .append(i);
        }
        return sql + " FROM cpu LIMIT 1";
    }

    private static String expressions(String kept, int count) {
        StringBuilder sql = new StringBuilder("WITH c0 AS " + kept + " (SELECT 1 AS n)");
        for (int i = 1; i <= count; i++) {
            sql.append(", c").append(i).append(" AS ").append(kept);
            sql.append(" (SELECT p.n FROM c%d p JOIN c%d q ON p.n = q.n)".replace("%d", "" + (i - 1)));
        }
        return sql + " SELECT count(*) FROM c" + count;
    }

    private static String nested(String shape, int depth) {
        String[] parts = shape.split("\\|", -1);
        return "SELECT " + parts[0].repeat(depth) + parts[1] + parts[2].repeat(depth) + " FROM cpu";
    }

    private String refusal(String sql) {
        try {
            run(sql);
            return "";
        } catch (WeirException refused) {
            assertThat(refused.code().status()).isEqualTo(400);
            return String.valueOf(refused.getMessage());
        }
    }
}
