package io.weir.storage.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The arithmetic gives what the engine's calendar gives, of the same type and under the same name. */
class FastTimeFunctionsTest {

    private static final String TABLE =
            "CREATE TABLE x AS SELECT TIMESTAMPTZ '2024-05-06 07:08:09.123456Z' AS time, 'hour' AS p,"
                    + " INTERVAL 7 MINUTE AS w, DATE '2024-05-06' AS d, '2024-05-06 07:08:09' AS s";

    private DuckDBConnection plain;
    private DuckDBConnection fast;

    @BeforeEach
    void open() throws SQLException {
        plain = connect();
        fast = connect();
        FastTimeFunctions.register(fast);
    }

    @AfterEach
    void close() throws SQLException {
        plain.close();
        fast.close();
    }

    private static DuckDBConnection connect() throws SQLException {
        DuckDBConnection connection =
                DriverManager.getConnection("jdbc:duckdb:").unwrap(DuckDBConnection.class);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute(TABLE);
        }
        return connection;
    }

    /** All rows as text, with type and name of the first column; what failed begins with an exclamation mark. */
    private static String answer(Connection connection, String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            StringBuilder text = new StringBuilder(rows.getMetaData().getColumnTypeName(1))
                    .append(' ')
                    .append(rows.getMetaData().getColumnName(1));
            while (rows.next()) {
                text.append(' ').append(rows.getObject(1));
            }
            return text.toString();
        } catch (SQLException e) {
            return "!";
        }
    }

    private void same(List<String> statements, int least) {
        int answers = 0;
        for (String sql : statements) {
            String expected = answer(plain, sql);
            assertThat(answer(fast, sql)).as(sql).isEqualTo(expected);
            answers += expected.equals("!") ? 0 : 1;
        }
        assertThat(answers).as("statements that have an answer").isGreaterThanOrEqualTo(least);
    }

    @Test
    void cutsEqualTheEngines() {
        List<String> parts = List.of(
                "'hour'",
                "'HOUR'",
                "'hours'",
                "'h'",
                "'minute'",
                "'minutes'",
                "'min'",
                "'second'",
                "'seconds'",
                "'day'",
                "'days'",
                "'week'",
                "'month'",
                "'quarter'",
                "'year'",
                "'decade'",
                "'millisecond'",
                "'microseconds'",
                "'nope'",
                "p",
                "NULL",
                "'isoyear'",
                "'dow'",
                "'epoch'",
                "''");
        List<String> times = List.of(
                "time",
                "TIMESTAMPTZ 'infinity'",
                "TIMESTAMPTZ '-infinity'",
                "TIMESTAMPTZ '1969-12-31 23:59:59.5Z'",
                "TIMESTAMPTZ '0044-03-15 (BC) 10:11:12Z'",
                "TIMESTAMPTZ '294246-12-31 23:59:59Z'",
                "NULL::TIMESTAMPTZ",
                "NULL",
                "CAST(time AS TIMESTAMP)",
                "d",
                "INTERVAL 100 MINUTE",
                "'2024-01-01'",
                "s",
                "1",
                "TIMESTAMP_NS '2024-01-01 01:02:03'");
        List<String> statements = new ArrayList<>();
        for (String part : parts) {
            for (String time : times) {
                statements.add("SELECT date_trunc(" + part + ", " + time + ") FROM x");
                statements.add("SELECT datetrunc(" + part + ", " + time + ") FROM x");
            }
        }
        statements.add("SELECT date_trunc('hour') FROM x");
        statements.add("SELECT date_trunc('hour', time), count(*) FROM x GROUP BY date_trunc('hour', time) ORDER BY 1");
        same(statements, 400);
    }

    @Test
    void bucketsEqualTheEngines() {
        List<String> widths = List.of(
                "INTERVAL 1 HOUR",
                "INTERVAL '5 minutes'",
                "w",
                "INTERVAL 1 DAY",
                "INTERVAL 3 DAY",
                "INTERVAL 1 WEEK",
                "INTERVAL 1 MONTH",
                "INTERVAL 1 YEAR",
                "INTERVAL 0 HOUR",
                "INTERVAL '-1 hour'",
                "INTERVAL '1 month 1 day'",
                "'1 hour'",
                "1",
                "NULL::INTERVAL",
                "INTERVAL '1 day 1 hour'",
                "INTERVAL 90 MICROSECONDS",
                "INTERVAL 25 HOUR");
        List<String> times = List.of(
                "time",
                "TIMESTAMPTZ 'infinity'",
                "TIMESTAMPTZ '1969-12-31 23:59:59.5Z'",
                "TIMESTAMPTZ '0044-03-15 (BC) 10:11:12Z'",
                "TIMESTAMPTZ '1999-12-31 10:11:12Z'",
                "NULL::TIMESTAMPTZ",
                "CAST(time AS TIMESTAMP)",
                "d",
                "'2024-01-01'",
                "time, TIMESTAMPTZ '2024-01-01'",
                "time, INTERVAL 3 MINUTE",
                "time, 'Europe/Berlin'",
                "d, DATE '2024-01-01'",
                "CAST(time AS TIMESTAMP), INTERVAL 1 MINUTE");
        List<String> statements = new ArrayList<>();
        for (String width : widths) {
            for (String time : times) {
                statements.add("SELECT time_bucket(" + width + ", " + time + ") FROM x");
            }
        }
        same(statements, 100);
    }

    @Test
    void manyTimesAreCutAsTheEngineCutsThem() {
        String times =
                "FROM (SELECT make_timestamptz((hash(range) % 200000000000000000)::BIGINT - 100000000000000000) AS t"
                        + " FROM range(5000))";
        List<String> statements = new ArrayList<>();
        for (String unit : List.of("second", "minute", "hour", "day")) {
            statements.add("SELECT date_trunc('" + unit + "', t) " + times);
            statements.add("SELECT time_bucket(INTERVAL 7 " + unit + ", t) " + times);
        }
        same(statements, 8);
    }
}
