package io.weir.query.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.auth.Principal;
import io.weir.common.model.TableId;
import io.weir.query.TestTables;
import io.weir.query.plan.QueryParameters;
import io.weir.query.plan.TimeLiterals;
import io.weir.query.result.ResultFormat;
import io.weir.query.result.RowLimit;
import io.weir.query.snapshot.SnapshotReader;
import io.weir.query.snapshot.TableResolver;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TimeZone;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files of other times than a statement asks for are left out, and no answer is another for it. LESSONS 34. Files whose tags a statement does not ask for are left out too. Measurement
 * {@code m} has ten files of an hour each from 2024-01-01 on, {@code p} has five of two hours from an hour before that, and {@code live} six of ten minutes
 * about now; {@code t} has nine of an hour each from 2024-01-01 on, with the hosts of {@link #HOSTS}, and a tenth of whose hosts nothing is known.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PruningTest {

    private static final int CASES = Integer.getInteger("weir.pruning.cases", 400);
    private static final int START = (int) Instant.parse("2024-01-01T00:00:00Z").getEpochSecond();

    /** By file; the last two would change places if compared by UTF-16. */
    private static final List<List<String>> HOSTS = List.of(
            List.of("a", "b"),
            List.of("b", "c"),
            Collections.singletonList(null),
            Arrays.asList("c", null),
            List.of("", "a%c", "a_c"),
            IntStream.range(0, 30).mapToObj(n -> "h" + (10 + n)).toList(),
            List.of("H20", "\u00e9"),
            List.of("\uff5e"),
            List.of("\ud83d\ude00"));

    private final TimeZone host = TimeZone.getDefault();
    private TestTables tables;
    private DuckDbEngine engine;
    private QueryRunner pruning;
    private QueryRunner complete;

    @BeforeAll
    void open(@TempDir Path directory) {
        TimeZone.setDefault(TimeZone.getTimeZone("America/New_York")); // the host's zone is nobody's business
        tables = new TestTables(directory.resolve("disks"));
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("disks")),
                directory.resolve("spill"),
                256L << 20,
                2,
                4,
                64,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30)));
        TableResolver resolver = new TableResolver(tables, new SnapshotReader(tables, tables));
        pruning = new QueryRunner(engine, tables, resolver, true);
        complete = new QueryRunner(engine, tables, resolver, false);
        files("m", START, 10, 3_600);
        files("p", START - 3_600, 5, 7_200);
        TableId t = tables.create("main", "t");
        for (int file = 0; file <= HOSTS.size(); file++) {
            tables.write(t, START + file * 3_600, 60, HOSTS.get(file % HOSTS.size()));
            tables.flush(t);
        }
        tables.forgetTags(t);
        files("live", (int) Instant.now().getEpochSecond() - 1_800, 6, 600);
    }

    @AfterAll
    void close() {
        engine.close();
        TimeZone.setDefault(host);
    }

    private void files(String measurement, int start, int files, int seconds) {
        TableId table = tables.create("main", measurement);
        for (int file = 0; file < files; file++) {
            for (int row = 0; row < 12; row++) {
                tables.write(table, start + file * seconds + row * (seconds / 12), 1);
            }
            tables.flush(table);
        }
    }

    private static List<String> ask(QueryRunner runner, String sql, List<?> parameters) {
        Query query = new Query(
                Principal.unrestricted(TestTables.ORGANISATION, "tester"),
                "main",
                sql,
                QueryParameters.positional(parameters),
                Duration.ofSeconds(30));
        String rows = runner.run(query, ResultFormat.NDJSON.encoder(new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), 0))
                .map(chunk -> new String(chunk, StandardCharsets.UTF_8))
                .collectList()
                .map(parts -> String.join("", parts))
                .block();
        return rows == null ? List.of() : rows.lines().sorted().toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10 | SELECT * FROM m",
                "1 | SELECT * FROM m WHERE time >= '2024-01-01 02:00:00Z' AND time < '2024-01-01 02:59:00Z'",
                "1 | SELECT * FROM m WHERE TIMESTAMP '2024-01-01 02:30:00' = time",
                "2 | SELECT * FROM m WHERE time BETWEEN TIMESTAMPTZ '2024-01-01 02:30:00Z' AND '2024-01-01 03:30:00Z'",
                "2 | SELECT * FROM m WHERE time > DATE '2024-01-01' + INTERVAL 8 HOUR + INTERVAL 30 MINUTE",
                "2 | SELECT * FROM m x WHERE x.time >= '2024-01-01 09:00:00+01' AND X.TIME < '2024-01-01 10:59:00+01'",
                "2 | SELECT * FROM m WHERE time IN ('2024-01-01 02:00:00Z', '2024-01-01 03:55:00Z')",
                "3 | SELECT * FROM m WHERE time < '2024-01-01 01:00:00Z' OR (n > 0 AND time BETWEEN '2024-01-01 01:30:00Z' AND '2024-01-01 02:10:00Z')",
                "0 | SELECT count(*) FROM m WHERE time > '2025-01-01'",
                "0 | SELECT count(*) FROM m WHERE time > '2024-01-01 05:00:00Z' AND time < '2024-01-01 04:00:00Z'",
                "10 | SELECT * FROM m WHERE time > '0001-01-01'",
                "10 | SELECT * FROM m WHERE NOT time > '2024-01-01 05:00:00Z'",
                "10 | SELECT * FROM m WHERE time > '2024-01-01 09:00:00Z' OR n > 0",
                "2 | SELECT * FROM m a, p b WHERE a.time < '2024-01-01 00:30:00Z' AND b.time < '2024-01-01 00:30:00Z'",
                "15 | SELECT * FROM m ASOF JOIN p USING (host, time) WHERE m.time < '2024-01-01 00:30:00Z'",
                "11 | SELECT (SELECT count(*) FROM p WHERE time < '2024-01-01 00:30:00Z'), * FROM m",
                "10 | SELECT * FROM m WHERE time < '2024-01-01 00:30:00Z' UNION ALL SELECT * FROM m",
                "1 | WITH x AS (SELECT * FROM m WHERE time < '2024-01-01 00:30:00Z') SELECT * FROM x",
                "10 | SELECT * FROM m TABLESAMPLE 10 ROWS WHERE time < '2024-01-01 00:30:00Z'",
                "10 | SELECT * FROM m AS x(n, host, time) WHERE x.time > 'z'",
                "6 | SELECT * FROM live WHERE time < now()",
                "3 | SELECT * FROM live WHERE time > now()",
                "6 | SELECT * FROM live WHERE time > now() - INTERVAL '2 hours' AND time < now() + INTERVAL '2 hours'",
                "0 | SELECT * FROM live WHERE time >= date_trunc('day', now()) + INTERVAL 2 DAY",
                "6 | SELECT * FROM live WHERE time > TIMESTAMPTZ '2100-01-01' - (now() - TIMESTAMPTZ '1970-01-01')"
            })
    void onlyFilesThatMayHoldRowsAreAskedFor(int files, String sql) {
        tables.filesGiven();
        List<String> rows;
        try {
            rows = ask(pruning, sql, List.of());
        } catch (RuntimeException refused) {
            rows = null; // a statement the engine refuses: it does so in either case
        }
        assertThat(tables.filesGiven()).isEqualTo(files);
        if (rows != null && !sql.contains("SAMPLE")) {
            assertThat(rows).isEqualTo(ask(complete, sql, List.of()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10 | SELECT * FROM t",
                "2 | SELECT * FROM t WHERE host = 'a'",
                "3 | SELECT * FROM t WHERE 'b' = HOST",
                "1 | SELECT * FROM t WHERE host = 'nowhere'",
                "2 | SELECT * FROM t WHERE host = 'h20'",
                "2 | SELECT * FROM t WHERE host = 'h20x'",
                "1 | SELECT * FROM t WHERE host = 'h9'",
                "2 | SELECT * FROM t WHERE host = ''",
                "4 | SELECT * FROM t WHERE host IN ('a', 'h20', '\u00e9')",
                "2 | SELECT * FROM t x WHERE x.host > '\uff5e\uff5e'",
                "3 | SELECT * FROM t x WHERE x.host >= '\uff5e'",
                "4 | SELECT * FROM t WHERE host < 'a%'",
                "3 | SELECT * FROM t WHERE host BETWEEN 'b0' AND 'c'",
                "2 | SELECT * FROM t WHERE host LIKE 'h2%'",
                "3 | SELECT * FROM t WHERE host LIKE 'a%'",
                "2 | SELECT * FROM t WHERE starts_with(host, '\u00e9')",
                "3 | SELECT * FROM t WHERE host ^@ 'c'",
                "2 | SELECT * FROM t WHERE host = 'a' AND n > 0",
                "1 | SELECT * FROM t WHERE host = 'a' AND time < '2024-01-01 01:00:00Z'",
                "4 | SELECT * FROM t WHERE host = 'a' OR (host = 'c' AND n > 0)",
                "10 | SELECT * FROM t WHERE host = 'a' OR n > 0",
                "10 | SELECT * FROM t WHERE NOT host = 'a'",
                "10 | SELECT * FROM t WHERE host <> 'a'",
                "10 | SELECT * FROM t WHERE host IS NULL",
                "10 | SELECT * FROM t WHERE host NOT LIKE 'a%'",
                "10 | SELECT * FROM t WHERE host ILIKE 'A'",
                "10 | SELECT * FROM t WHERE host COLLATE NOCASE = 'h20'",
                "10 | SELECT * FROM t WHERE host = 'h20' COLLATE NOCASE",
                "10 | SELECT * FROM t WHERE lower(host) = 'h20'",
                "10 | SELECT * FROM t WHERE host = NULL",
                "10 | SELECT * FROM t WHERE v = '3'",
                "20 | SELECT * FROM t LEFT JOIN m ON t.n = m.n WHERE coalesce(t.host, 'a') = 'a'",
                "12 | SELECT t.n FROM t JOIN m ON t.n = m.n WHERE t.host = 'a'",
                "12 | SELECT t.n, m.n AS mn FROM m LEFT JOIN t ON t.n = m.n WHERE t.host = 'a'",
                "20 | SELECT t.n FROM t JOIN m ON t.n = m.n WHERE 'a' = ANY (SELECT t.host)",
                "20 | SELECT m.n FROM m ANTI JOIN t ON t.n = m.n WHERE m.host = 'nowhere' OR m.n > 0",
                "10 | SELECT * FROM t WHERE host = 'a' UNION ALL SELECT * FROM t",
                "3 | SELECT * FROM t WHERE host = 'a' UNION ALL SELECT * FROM t WHERE host = 'b'",
                "10 | SELECT * FROM t AS x(n, host) WHERE x.host = 'a'",
                "2 | SELECT n AS host FROM t WHERE host = 'a'"
            })
    void onlyFilesThatMayHaveTagsAskedForAreRead(int files, String sql) { // LESSONS 34
        tables.filesGiven();
        List<String> rows = outcome(pruning, sql);
        assertThat(tables.filesGiven()).isEqualTo(files);
        assertThat(rows).isEqualTo(outcome(complete, sql));
    }

    @Test
    void parametersBoundTagsToo() {
        for (Object value : Arrays.asList("a", "h20", null, 5L)) {
            for (String sql : List.of(
                    "SELECT * FROM t WHERE host = ?",
                    "SELECT * FROM t WHERE host IN ('c', ?)",
                    "SELECT * FROM t WHERE host BETWEEN 'a' AND ?",
                    "SELECT * FROM t WHERE host LIKE ?")) {
                List<Object> values = Collections.singletonList(value);
                tables.filesGiven();
                List<String> pruned = outcome(pruning, sql, values);
                int few = tables.filesGiven();
                assertThat(pruned).as("%s of %s", sql, value).isEqualTo(outcome(complete, sql, values));
                // One of the ten has no row with the tag, which no value makes the condition true of.
                assertThat(few)
                        .as("%s of %s", sql, value)
                        .isBetween(value instanceof String ? 0 : 9, value instanceof String ? 9 : 10);
            }
        }
    }

    @Test
    void answersAreTheSameWhicheverTagsAreAskedFor() {
        long seed = Long.getLong("weir.pruning.seed", System.nanoTime());
        Random random = new Random(seed);
        int left = 0;
        int answers = 0;
        for (int i = 0; i < CASES; i++) {
            List<Object> values = new ArrayList<>();
            String sql = tagStatement(random, values);
            tables.filesGiven();
            List<String> pruned = outcome(pruning, sql, values);
            int few = tables.filesGiven();
            List<String> all = outcome(complete, sql, values);
            left += tables.filesGiven() - few;
            answers += all.isEmpty() || all.get(0).startsWith("!") ? 0 : 1;
            assertThat(pruned)
                    .as("seed %d, case %d: %s with %s", seed, i, sql, values)
                    .isEqualTo(all);
        }
        assertThat(left).as("files left out").isGreaterThan(CASES / 2);
        assertThat(answers).as("statements with rows").isGreaterThan(CASES / 4);
    }

    private static String tagStatement(Random random, List<Object> values) {
        String joins = pick(random, "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN");
        return switch (random.nextInt(6)) {
            case 0 -> "SELECT * FROM t WHERE " + tagCondition(random, "host", 3, values);
            case 1 ->
                "SELECT host, count(*), max(n) FROM main.t AS x WHERE " + tagCondition(random, "X.Host", 3, values)
                        + " GROUP BY 1";
            case 2 ->
                "SELECT a.n, a.time FROM m a " + joins + " t b ON a.n = b.n WHERE "
                        + tagCondition(random, pick(random, "a.host", "b.host"), 2, values);
            case 3 ->
                "SELECT a.n AS an FROM t a " + joins + " t b ON a.n = b.n WHERE "
                        + tagCondition(random, pick(random, "a.host", "b.host"), 2, values);
            case 4 ->
                "WITH x AS (SELECT * FROM t WHERE " + tagCondition(random, "host", 2, values)
                        + ") SELECT (SELECT count(*) FROM x) AS c, p.n FROM p WHERE "
                        + tagCondition(random, "p.host", 2, values);
            default ->
                "SELECT n FROM m WHERE EXISTS (FROM t WHERE t.n = m.n AND "
                        + tagCondition(random, pick(random, "host", "t.host", "m.host"), 2, values) + ")";
        };
    }

    private static String tagCondition(Random random, String host, int depth, List<Object> values) {
        if (depth > 0 && random.nextInt(3) > 0) {
            String left = tagCondition(random, host, depth - 1, values);
            String right = tagCondition(random, host, depth - 1, values);
            return switch (random.nextInt(6)) {
                case 0 -> "NOT (" + left + " AND " + right + ")";
                case 1, 2 -> "(" + left + " OR " + right + ")";
                default -> "(" + left + " AND " + right + ")";
            };
        }
        String value = tagValue(random, values);
        return switch (random.nextInt(12)) {
            case 0 -> host + " BETWEEN " + value + " AND " + tagValue(random, values);
            case 1, 2 -> host + " IN (" + value + ", " + tagValue(random, values) + ")";
            case 3 -> value + pick(random, " < ", " <= ", " > ", " >= ") + host;
            case 4 -> host + pick(random, " IS NOT DISTINCT FROM ", " <> ", " NOT IN ('a') AND 'x' <> ") + value;
            case 5 -> host.replace("ost", "OST") + " = " + value;
            case 6 -> host + pick(random, " LIKE ", " NOT LIKE ", " ILIKE ", " ^@ ") + value;
            case 7 ->
                host + " LIKE "
                        + pick(random, "'a%'", "'h2_'", "'_'", "'%'", "'a\\%c'", "'\u00e9%'", "'\ud83d\ude00%'");
            case 8 -> host + pick(random, " IS NULL", " IS NOT NULL", " COLLATE NOCASE = 'h20'");
            default -> host + pick(random, " = ", " = ", " < ", " <= ", " > ", " >= ") + value;
        };
    }

    private static String tagValue(Random random, List<Object> values) {
        List<String> hosts = HOSTS.get(random.nextInt(HOSTS.size()));
        String host = String.valueOf(hosts.get(random.nextInt(hosts.size())));
        String value = host + pick(random, "", "", "", "x", "%");
        if (random.nextInt(4) == 0) {
            values.add(random.nextInt(8) == 0 ? null : value);
            return "$" + values.size();
        }
        return random.nextInt(20) == 0 ? pick(random, "NULL", "host", "'a'::VARCHAR") : "'" + value + "'";
    }

    @Test
    void parametersBoundTimesToo() {
        tables.filesGiven();
        String sql = "SELECT * FROM m WHERE n > ? AND time >= ? AND time < CAST(? AS TIMESTAMP) + to_minutes(?)";
        List<Object> values = List.of(0L, "2024-01-01T04:00:00Z", "2024-01-01 05:00:00", 59L);
        assertThat(ask(pruning, sql, values)).hasSize(24);
        assertThat(tables.filesGiven()).isEqualTo(2);
    }

    @Test
    void columnsThatAreMeantWithoutANameAreThere() {
        for (String sql : List.of(
                "SELECT m FROM m",
                "SELECT x FROM m AS x",
                "SELECT a.time, b FROM m a JOIN p b USING (time)",
                "SELECT count(*) FROM m NATURAL JOIN p",
                "SELECT count(*) FROM m JOIN p USING (time, host)",
                "SELECT * EXCLUDE (v) FROM m",
                "SELECT COLUMNS('h.*') FROM m",
                "SELECT #2 FROM m",
                "SELECT c FROM m AS x(a, b, c)",
                "SELECT to_json(m) FROM m",
                "WITH m2 AS (SELECT * FROM m) SELECT m2 FROM m2",
                "SELECT s FROM (SELECT n, v FROM m) s",
                "SELECT DISTINCT ON (HOST) n FROM m ORDER BY host, TIME DESC",
                "SELECT list_transform([1], v -> v + 1), \"N\" FROM m",
                "SELECT host, sum(n) OVER (PARTITION BY host ORDER BY time) FROM m QUALIFY row_number() OVER () < 5",
                "SELECT count(*) FROM (SUMMARIZE SELECT n FROM m)",
                "DESCRIBE m",
                "FROM m",
                "SELECT max(m.v) FROM main.m GROUP BY ALL",
                "SELECT count(*) FROM m")) {
            assertThat(outcome(pruning, sql)).as(sql).isEqualTo(outcome(complete, sql));
        }
        assertThat(ask(pruning, "SELECT m FROM m LIMIT 1", List.of()).get(0)).contains("host", "\"v\"", "\"n\"");
    }

    @Test
    void plainTimesAreReadAsTheEngineReadsThem() throws Exception {
        List<String> texts = new ArrayList<>(List.of(
                "2024-01-01",
                "2024-01-01 02:03:04",
                "2024-01-01T02:03:04Z",
                "2024-01-01 02:03:04.5",
                "1969-12-31 23:59:59.999999Z",
                "0001-01-01",
                "9999-12-31T23:59:59.123456Z"));
        List<String> others = List.of(
                "2024-1-1",
                "2024-01-01 02:03",
                "2024-01-01 02:03:04+01",
                "2024-02-30",
                "2024-01-01 24:00:00",
                "infinity",
                "2024-01-01 02:03:04.1234567",
                "2024-01-01 02:03:04.",
                "24-01-01",
                "+2024-01-0",
                "",
                "epoch",
                "2024-01-01_02:03:04");
        for (String other : others) {
            assertThat(TimeLiterals.micros(other)).as(other).isNull();
        }
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            texts.add(Instant.ofEpochSecond(
                            random.nextLong(-62_000_000_000L, 250_000_000_000L), random.nextInt(1_000_000) * 1_000L)
                    .toString());
        }
        for (String text : texts) {
            Long micros = TimeLiterals.micros(text);
            List<String> rows = ask(complete, "SELECT epoch_us(TIMESTAMPTZ '" + text + "') AS t", List.of());
            if (micros != null) {
                assertThat(rows).as(text).containsExactly("{\"t\":" + micros + "}");
            }
        }
        assertThat(TimeLiterals.micros(texts.get(texts.size() - 1))).isNotNull();
    }

    @Test
    void prunedAndCompleteAnswersAreTheSame() {
        long seed = Long.getLong("weir.pruning.seed", System.nanoTime());
        Random random = new Random(seed);
        int left = 0;
        int answers = 0;
        for (int i = 0; i < CASES; i++) {
            String sql = statement(random);
            tables.filesGiven();
            List<String> pruned = outcome(pruning, sql);
            int few = tables.filesGiven();
            List<String> all = outcome(complete, sql);
            left += tables.filesGiven() - few;
            answers += all.isEmpty() || all.get(0).startsWith("!") ? 0 : 1;
            assertThat(pruned).as("seed %d, case %d: %s", seed, i, sql).isEqualTo(all);
        }
        assertThat(left).as("files left out").isGreaterThan(CASES / 2);
        assertThat(answers).as("statements with rows").isGreaterThan(CASES / 4);
    }

    private static List<String> outcome(QueryRunner runner, String sql) {
        return outcome(runner, sql, List.of());
    }

    private static List<String> outcome(QueryRunner runner, String sql, List<Object> values) {
        try {
            return ask(runner, sql, values);
        } catch (RuntimeException e) {
            return List.of("! refused");
        }
    }

    private static String statement(Random random) {
        String joins =
                pick(random, "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN", "ASOF JOIN");
        String on = joins.equals("ASOF JOIN") ? "ON a.host = b.host AND a.time >= b.time" : "ON a.time = b.time";
        return switch (random.nextInt(8)) {
            case 0 -> "SELECT * FROM m WHERE " + condition(random, "time", 3);
            case 1 -> "SELECT host, count(*), max(n) FROM p x WHERE " + condition(random, "x.time", 3) + " GROUP BY 1";
            case 2 ->
                "SELECT a.n, a.time FROM m a " + joins + " p b " + on + " WHERE " + condition(random, "a.time", 2);
            case 3 ->
                "SELECT a.n AS an, b.n AS bn FROM m a " + joins + " p b " + on + " WHERE "
                        + condition(random, pick(random, "a.time", "b.time"), 2);
            case 4 ->
                "WITH x AS (SELECT * FROM m WHERE " + condition(random, "time", 2)
                        + ") SELECT (SELECT count(*) FROM x) AS c, p.n FROM p WHERE " + condition(random, "p.time", 2);
            case 5 ->
                "SELECT n FROM m WHERE " + condition(random, "time", 2)
                        + pick(random, " UNION ", " EXCEPT ", " INTERSECT ") + "SELECT n FROM p WHERE "
                        + condition(random, "time", 2);
            case 6 -> "SELECT * FROM (SELECT * FROM m ORDER BY time LIMIT 50) WHERE " + condition(random, "time", 2);
            default ->
                "SELECT n FROM m WHERE EXISTS (FROM p WHERE p.time = m.time AND "
                        + condition(random, pick(random, "time", "p.time", "m.time"), 2) + ") AND "
                        + condition(random, "m.time", 2);
        };
    }

    private static String condition(Random random, String time, int depth) {
        if (depth > 0 && random.nextInt(3) > 0) {
            String left = condition(random, time, depth - 1);
            String right = condition(random, time, depth - 1);
            return switch (random.nextInt(5)) {
                case 0 -> "(" + left + " OR " + right + ")";
                case 1 -> "NOT (" + left + ")";
                default -> "(" + left + " AND " + right + ")";
            };
        }
        String value = value(random);
        return switch (random.nextInt(9)) {
            case 0 -> time + " BETWEEN " + value + " AND " + value(random);
            case 1 -> time + " IN (" + value + ", " + value(random) + ")";
            case 2 -> value + pick(random, " < ", " <= ", " > ", " >= ") + time;
            case 3 -> time + pick(random, " IS NOT DISTINCT FROM ", " <> ", " IS DISTINCT FROM ") + value;
            case 4 -> "n % 2 = 0";
            case 5 -> time + " = " + value;
            default -> time + pick(random, " < ", " <= ", " > ", " >= ") + value;
        };
    }

    private static String value(Random random) {
        Instant at = Instant.ofEpochSecond(START - 7_200 + 300L * random.nextInt(170));
        String text = at.toString();
        return switch (random.nextInt(9)) {
            case 0 -> "TIMESTAMPTZ '" + text + "'";
            case 1 -> "CAST('" + text.replace("Z", "") + "' AS TIMESTAMP)";
            case 2 -> "TIMESTAMP '" + text.replace("Z", "") + "' - INTERVAL " + random.nextInt(90) + " MINUTE";
            case 3 -> "to_timestamp(" + at.getEpochSecond() + ")";
            case 4 -> "date_trunc('hour', TIMESTAMPTZ '" + text + "')";
            case 5 -> "DATE '2024-01-01' + INTERVAL '" + random.nextInt(12) + " hours'";
            case 6 ->
                pick(random, "now()", "now() - INTERVAL 3 YEAR", "NULL", "'infinity'", "time", "DATE '2024-01-01'");
            default -> "'" + text + "'";
        };
    }

    private static String pick(Random random, String... of) {
        List<String> words = new ArrayList<>(List.of(of));
        Collections.shuffle(words, random);
        return words.get(0);
    }
}
