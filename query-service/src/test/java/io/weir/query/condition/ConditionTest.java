package io.weir.query.condition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.WeirException;
import io.weir.common.schema.ColumnType;
import io.weir.query.QueryError;
import io.weir.query.plan.ConditionText;
import io.weir.query.plan.StatementParser;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions say of the rows of a batch what the engine says of the same rows in a table. REQUIREMENTS W1. */
class ConditionTest {

    private static final String[] HOSTS = {"a", "b", "a_c", "é%", ""};
    private static final int ROWS = 200;

    private static Connection engine;
    private static ColumnBatch batch;

    @BeforeAll
    static void fill() throws SQLException {
        engine = DriverManager.getConnection("jdbc:duckdb:");
        BatchBuilder rows = new BatchBuilder("cpu");
        Random random = new Random(7);
        try (Statement statement = engine.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("CREATE TABLE cpu (n INTEGER, time TIMESTAMPTZ, host VARCHAR, used DOUBLE, hits BIGINT,"
                    + " total UBIGINT, up BOOLEAN, note VARCHAR, nothing DOUBLE)");
            for (int row = 0; row < ROWS; row++) {
                statement.execute("INSERT INTO cpu VALUES (" + row + ", " + add(rows, row, random) + ", NULL)");
            }
        }
        batch = rows.build();
    }

    @AfterAll
    static void close() throws SQLException {
        engine.close();
    }

    /** Adds a row, with values missing by chance. @return its values in SQL, but for the first and the last */
    private static String add(BatchBuilder rows, int row, Random random) {
        List<String> sql = new ArrayList<>();
        long micros = 1_767_225_600_000_000L + row * 1_000_000L; // 2026-01-01
        sql.add("make_timestamptz(" + micros + ")");
        String host = random.nextInt(5) == 0 ? null : HOSTS[random.nextInt(HOSTS.length)];
        int tag = rows.series().tag("host");
        if (host != null) {
            byte[] utf8 = host.getBytes(StandardCharsets.UTF_8);
            rows.series().stage(tag, rows.series().code(tag, utf8, 0, utf8.length));
        }
        sql.add(host == null ? "NULL" : "'" + host + "'");
        double used = random.nextInt(9) == 0 ? Double.NaN : (random.nextInt(9) - 4) / 2.0;
        long hits = random.nextInt(9) == 0 ? Long.MIN_VALUE : random.nextInt(7) - 3;
        long total = random.nextInt(9) == 0 ? -1L : random.nextInt(5);
        boolean up = random.nextBoolean();
        String note = HOSTS[random.nextInt(HOSTS.length)];
        if (isPresent(random, sql, "'" + used + "'::DOUBLE")) {
            rows.setDouble(rows.field("used", ColumnType.FLOAT64), used);
        }
        if (isPresent(random, sql, "'" + hits + "'::BIGINT")) {
            rows.setLong(rows.field("hits", ColumnType.INT64), hits);
        }
        if (isPresent(random, sql, "'" + Long.toUnsignedString(total) + "'::UBIGINT")) {
            rows.setLong(rows.field("total", ColumnType.UINT64), total);
        }
        if (isPresent(random, sql, "" + up)) {
            rows.setBoolean(rows.field("up", ColumnType.BOOLEAN), up);
        }
        if (isPresent(random, sql, "'" + note + "'")) {
            byte[] utf8 = note.getBytes(StandardCharsets.UTF_8);
            rows.setString(rows.field("note", ColumnType.STRING), utf8, 0, utf8.length);
        }
        rows.endRow(rows.series().intern(), micros, 0);
        return String.join(", ", sql);
    }

    private static boolean isPresent(Random random, List<String> sql, String value) {
        boolean present = random.nextInt(4) > 0;
        sql.add(present ? value : "NULL");
        return present;
    }

    private static Condition condition(String text) throws SQLException {
        return Condition.of(ConditionText.read(text, sql -> {
            try (PreparedStatement statement = engine.prepareStatement(StatementParser.TREE_SQL)) {
                statement.setString(1, sql);
                try (ResultSet result = statement.executeQuery()) {
                    result.next();
                    return result.getString(1);
                }
            }
        }));
    }

    private static int[] byEngine(String text) throws SQLException {
        List<Integer> rows = new ArrayList<>();
        try (Statement statement = engine.createStatement();
                ResultSet result = statement.executeQuery("SELECT n FROM cpu WHERE " + text + " ORDER BY n")) {
            while (result.next()) {
                rows.add(result.getInt(1));
            }
        }
        return rows.stream().mapToInt(Integer::intValue).toArray();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "false",
                "up",
                "NOT up",
                "up = false",
                "host = 'a'",
                "'a' = host",
                "HOST != 'a'",
                "host IN ('a', 'é%')",
                "host NOT IN ('a', 'b')",
                "host IN ('a', NULL)",
                "host NOT IN ('a', NULL)",
                "host IS NULL",
                "host IS NOT NULL AND note IS NULL",
                "host LIKE 'a%'",
                "host LIKE '_'",
                "host LIKE '%%_c'",
                "host NOT LIKE '%\u00e9%'",
                "note LIKE ''",
                "note > 'a' AND note <= 'b'",
                "used > 0.5",
                "used = 0",
                "used >= 1e0 OR used < -1.5",
                "NOT (used > 0 OR hits > 0)",
                "used BETWEEN -1 AND 1",
                "used NOT BETWEEN -1 AND 1",
                "hits < 1.5",
                "hits > -1.5",
                "hits != 2.5",
                "hits < 1e300",
                "hits = -9223372036854775808",
                "hits > 9223372036854775807",
                "total > 3",
                "total = 18446744073709551615",
                "total >= 18446744073709551615",
                "total > -1",
                "5 > total",
                "used = '1.5'",
                "hits = NULL",
                "nothing = 1",
                "nothing IS NULL",
                "NOT nothing > 1",
                "time > '2026-01-01 00:01:00'",
                "time <= TIMESTAMPTZ '2026-01-01T00:00:10Z'",
                "time = '2026-01-01T00:00:05' OR time IS NULL",
                "(host = 'a' OR used > 1) AND NOT (hits = 2 AND up)",
            })
    void sameRowsAsTheEngine(String text) throws SQLException {
        assertThat(condition(text).rows(batch)).isEqualTo(byEngine(text));
    }

    @Test
    void sameRowsAsTheEngineForAnyCombination() throws SQLException {
        long seed = Long.getLong("weir.fuzz.seed", new Random().nextLong());
        Random random = new Random(seed);
        String[] parts = {
            "up",
            "host = 'a'",
            "host > 'a'",
            "host IS NULL",
            "used > 0.5",
            "hits IN (1, 2, NULL)",
            "total < 3",
            "note LIKE '%\u00e9%'",
            "nothing = 1",
        };
        for (int i = 0; i < 300; i++) {
            String text = tree(random, parts, 4);
            assertThat(condition(text).rows(batch))
                    .as("%s, seed %d", text, seed)
                    .isEqualTo(byEngine(text));
        }
    }

    private static String tree(Random random, String[] parts, int depth) {
        if (depth == 0 || random.nextInt(4) == 0) {
            return parts[random.nextInt(parts.length)];
        }
        return switch (random.nextInt(3)) {
            case 0 -> "NOT (" + tree(random, parts, depth - 1) + ")";
            case 1 -> "(" + tree(random, parts, depth - 1) + " AND " + tree(random, parts, depth - 1) + ")";
            default -> "(" + tree(random, parts, depth - 1) + " OR " + tree(random, parts, depth - 1) + ")";
        };
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "used >|does not parse|6",
                "host = 'a' GROUP BY host|more than one condition|",
                "true) UNION SELECT (1|does not parse|",
                "true; SELECT 1|more than one condition|",
                "true ORDER BY 1|more than one condition|",
                "used > hits|a literal is expected|8",
                "used + 1 > 2|a column by its name is expected|",
                "host = (SELECT 'a')|a literal is expected|",
                "read_text('/etc/passwd') = 'x'|a column by its name is expected|1",
                "cpu.used = 1|a column by its name is expected|1",
                "lower(host) LIKE 'a'|a column by its name is expected|1",
                "contains(host, 'a')|function contains is not supported|1",
                "host ILIKE 'a'|function ~~* is not supported|6",
                "time > 'yesterday'|a time is expected|8",
                "time > now()|a literal is expected|8",
                "used IS DISTINCT FROM 1|compare distinct from is not supported|1",
                "1 = 1|a column by its name is expected|1",
                "'a'|a condition is expected|1",
            })
    void whatIsNoConditionIsRefusedWithItsPlace(String text, String detail, Integer position) {
        assertThatThrownBy(() -> condition(text)).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(QueryError.INVALID_CONDITION);
            if (!detail.equals("does not parse")) {
                assertThat(e.detail()).contains(detail);
            }
            if (position != null) {
                assertThat(e.context()).containsEntry("position", position);
            }
        });
    }

    /** LESSONS 51, 58: what is sent costs no more than its length. */
    @Test
    void deepAndHugeConditionsAreRefusedAndHugeNumbersCostNothing() throws SQLException {
        assertThatThrownBy(() -> condition("NOT ".repeat(300) + "up")).isInstanceOf(WeirException.class);
        assertThatThrownBy(() -> condition("host = '" + "x".repeat(4_000) + "'"))
                .hasMessageContaining("at most 4000");
        assertThat(condition("hits < 1e999999999").rows(batch)).isEqualTo(byEngine("hits IS NOT NULL"));
        assertThat(condition("hits <= 1e-999999999 AND hits >= 0").rows(batch)).isEqualTo(byEngine("hits = 0"));
        assertThat(condition("total > -1e999999999").rows(batch)).isEqualTo(byEngine("total IS NOT NULL"));
    }

    @Test
    void itKnowsTheColumnsItLooksAt() throws SQLException {
        assertThat(condition("host = 'a' AND (used > 1 OR NOT up) AND note IS NULL")
                        .columns())
                .containsExactly("host", "note", "up", "used");
    }
}
