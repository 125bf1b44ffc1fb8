package io.weir.query.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.model.TimeRange;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Conditions of deletes. REQUIREMENTS L3. */
class RowPredicateTest {

    private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.123456Z");

    @TempDir
    static Path directory;

    private static DuckDbEngine engine;

    @BeforeAll
    static void open() {
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("data")),
                directory.resolve("spill"),
                128L << 20,
                1,
                1,
                1,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10)));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static RowPredicate read(String where) {
        return engine.withSession(
                        Duration.ofSeconds(10),
                        session -> session.run(connection -> RowPredicate.read(where, NOW, connection))
                                .flux())
                .blockLast();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host = 'a'",
                "\"host\" = 'it''s' AND v > 1.5 -- a remark",
                "host IN ('a', 'b') OR v IS NULL",
                "NOT (v BETWEEN 1 AND 2)",
                "host LIKE 'a%' AND regexp_matches(host, '^a')",
                "CASE WHEN v > 1 THEN host = 'a' ELSE false END",
                "lower(host) = 'a' /* ( */",
                "time < '2024-01-01' AND host = 'a'",
                "list_contains(list_transform([1, 2], x -> x + 1), n)",
                "CAST(v AS INTEGER) % 2 = 0",
                "true",
            })
    void conditionsOnColumnsAreTaken(String where) {
        RowPredicate predicate = read(where);
        assertThat(predicate.sql()).doesNotContain("--", "/*");
        assertThat(read(predicate.sql()).sql()).as("written down again").isEqualTo(predicate.sql());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host IN (SELECT host FROM other)",
                "EXISTS (SELECT 1)",
                "v > (SELECT avg(v) FROM m)",
                "row_number() OVER () = 1",
                "v = $1",
                "v = ?",
                "m.host = 'a'",
                "#1 = 'a'",
                "COLUMNS(*) = 1",
                "random() < 0.5",
                "uuid() = host",
                "age(time) > INTERVAL 1 DAY",
                "host = 'a' ORDER BY v",
                "host = 'a' LIMIT 1",
                "host = 'a' GROUP BY host",
                "host = 'a' UNION SELECT 1",
                "host = 'a'; SELECT 1",
                "true QUALIFY true",
                "time < current_timestamp", // a column where there is one of the name
                "read_text('/etc/passwd') = host",
                "getenv('HOME') = host",
            })
    void whatIsNoConditionOnOneRowIsRefused(String where) { // LESSONS 53, 54
        assertThatThrownBy(() -> read(where))
                .isInstanceOfSatisfying(
                        WeirException.class,
                        e -> assertThat(e.code()).isIn(QueryError.SQL_NOT_ALLOWED, QueryError.SQL_SYNTAX));
    }

    @ParameterizedTest
    @ValueSource(strings = {"host = 'a') OR (true", "host =", "'", "host = 'a' AND", ")", "SELECT 1"})
    void whatDoesNotParseByItselfIsRefused(String where) {
        assertThatThrownBy(() -> read(where))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(QueryError.SQL_SYNTAX));
    }

    @Test
    void clocksStandForTheTimeOfTheRequest() {
        assertThat(read("time < now() - INTERVAL 1 HOUR").sql())
                .contains("2026-03-04 05:06:07.123456")
                .doesNotContain("now");
        assertThat(read("time < today()").sql()).contains("2026-03-04");
        RowPredicate moved = read("time < now() - INTERVAL 1 HOUR");
        assertThat(moved.times().toMicros())
                .isCloseTo(1_772_600_767_123_456L - 3_600_000_000L, org.assertj.core.data.Offset.offset(1L));
        assertThat(moved.wholeTimes()).isTrue();
    }

    @Test
    void timesOfACondition() {
        assertThat(read("host = 'a'").times()).isEqualTo(TimeRange.ALL);
        RowPredicate day = read("host = 'a' AND time >= '2024-01-01' AND time < '2024-01-02'");
        assertThat(day.times().fromMicros()).isEqualTo(1_704_067_200_000_000L);
        assertThat(day.times().toMicros()).isBetween(1_704_153_599_999_999L, 1_704_153_600_000_000L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "true",
                "time < '2024-01-01'",
                "time BETWEEN '2024-01-01' AND '2024-01-02'",
                "'2024-01-01' <= time AND time <= TIMESTAMP '2024-01-02'",
                "time >= now() - INTERVAL '1 day'",
            })
    void conditionsOnTimeAloneAreOfWholeTimes(String where) {
        assertThat(read(where).wholeTimes()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "time < '2024-01-01' OR time > '2024-01-02'",
                "time <> '2024-01-01'",
                "time < '2024-01-01' AND host = 'a'",
                "hour(time) = 3",
                "NOT time = '2024-01-01'",
                "time < time + INTERVAL 1 HOUR",
                "time IN ('2024-01-01', '2024-01-02')",
            })
    void otherConditionsAreNot(String where) {
        assertThat(read(where).wholeTimes()).isFalse();
    }
}
