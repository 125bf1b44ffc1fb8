package io.weir.query.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ResultEncodingTest {

    @TempDir
    static Path directory;

    private static DuckDbEngine engine;

    @BeforeAll
    static void open() {
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("data")),
                directory.resolve("spill"),
                256L << 20,
                2,
                1,
                8,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30)));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static List<String> parts(ResultFormat format, String sql, long wanted, long allowed) {
        RowLimit limit = new RowLimit(wanted, allowed);
        return engine.withSession(
                        Duration.ofSeconds(30),
                        session -> session.stream(sql, List.of(), format.encoder(limit, System.nanoTime())))
                .map(chunk -> new String(chunk, StandardCharsets.UTF_8))
                .collectList()
                .block();
    }

    private static String all(ResultFormat format, String sql) {
        return String.join("", parts(format, sql, Long.MAX_VALUE, Long.MAX_VALUE));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "NULL | null",
                "true | true",
                "-1::TINYINT | -1",
                "255::UTINYINT | 255",
                "65535::USMALLINT | 65535",
                "4294967295::UINTEGER | 4294967295",
                "18446744073709551615::UBIGINT | 18446744073709551615",
                "(-9223372036854775808)::BIGINT | -9223372036854775808",
                "9007199254740993::BIGINT | 9007199254740993",
                "170141183460469231731687303715884105727::HUGEINT | 170141183460469231731687303715884105727",
                "340282366920938463463374607431768211455::UHUGEINT | 340282366920938463463374607431768211455",
                "1.50::DECIMAL(4,2) | 1.50",
                "-0.0000000001::DECIMAL(38,10) | -0.0000000001",
                "0.1::DOUBLE | 0.1",
                "1e300::DOUBLE | 1.0E300",
                "0.5::FLOAT | 0.5",
                "'nan'::DOUBLE | null",
                "'-inf'::DOUBLE | null",
                "'inf'::FLOAT | null",
                "concat('é\"\\', chr(10), chr(1)) | \"é\\\"\\\\\\n\\u0001\"",
                "'{\"a\":1}'::JSON | \"{\\\"a\\\":1}\"",
                "'2026-01-01 00:00:00Z'::TIMESTAMPTZ | \"2026-01-01T00:00:00Z\"",
                "'2026-01-01 02:00:00.5+02'::TIMESTAMPTZ | \"2026-01-01T00:00:00.500Z\"",
                "'1969-12-31 23:59:59.999999Z'::TIMESTAMPTZ | \"1969-12-31T23:59:59.999999Z\"",
                "'2026-01-01 00:00:00.123456789'::TIMESTAMP_NS | \"2026-01-01T00:00:00.123456789Z\"",
                "'2026-01-01 00:00:01'::TIMESTAMP_S | \"2026-01-01T00:00:01Z\"",
                "'2026-01-01 00:00:01.25'::TIMESTAMP | \"2026-01-01T00:00:01.250Z\"",
                "'infinity'::TIMESTAMPTZ | \"infinity\"",
                "DATE '2026-02-28' | \"2026-02-28\"",
                "TIME '12:34:56.789' | \"12:34:56.789\"",
                "INTERVAL '1 month 2 days 3.5 seconds' | \"P1M2DT3.5S\"",
                "INTERVAL 0 SECOND | \"PT0S\"",
                "[1, NULL, 3] | [1,null,3]",
                "[[1], []] | [[1],[]]",
                "[1, 2]::INT[2] | [1,2]",
                "{'a': 1, 'b': [DATE '2026-01-01']} | {\"a\":1,\"b\":[\"2026-01-01\"]}",
                "MAP {1: 'x', 2: NULL} | {\"1\":\"x\",\"2\":null}",
                "union_value(z := 1) | 1",
                "'\\x00\\xFF'::BLOB | \"AP8=\"",
                "'y'::ENUM('x', 'y') | \"y\"",
                "'00000000-0000-0000-0000-000000000001'::UUID | \"00000000-0000-0000-0000-000000000001\"",
            })
    void valuesHaveTheirJsonForm(String expression, String expected) {
        assertThat(all(ResultFormat.NDJSON, "SELECT " + expression + " AS x")).isEqualTo("{\"x\":" + expected + "}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'101'::BIT",
                "123456789012345678901234567890123456789012::BIGNUM",
                "'12:00:00+02'::TIMETZ",
                "42::VARIANT"
            })
    void typesWithoutAFormSayHowToGetOne(String expression) {
        assertThatThrownBy(() -> all(ResultFormat.JSON, "SELECT " + expression + " AS x"))
                .hasMessageContaining("cast it to VARCHAR");
    }

    @Test
    void jsonIsOneDocument() {
        JsonNode json = new JsonMapper().readTree(all(ResultFormat.JSON, "SELECT range AS n, 'a' AS s FROM range(3)"));
        assertThat(json.path("success").asBoolean()).isTrue();
        assertThat(json.path("columns").toString()).isEqualTo("[\"n\",\"s\"]");
        assertThat(json.path("types").toString()).isEqualTo("[\"BIGINT\",\"VARCHAR\"]");
        assertThat(json.path("data").toString()).isEqualTo("[[0,\"a\"],[1,\"a\"],[2,\"a\"]]");
        assertThat(json.path("row_count").asInt()).isEqualTo(3);
        assertThat(json.path("execution_time_ms").isIntegralNumber()).isTrue();
        assertThat(json.path("timestamp").asString()).endsWith("Z");
        assertThat(json.has("truncated")).isFalse();
        assertThat(all(ResultFormat.JSON, "SELECT 1 AS a WHERE false"))
                .startsWith(
                        "{\"success\":true,\"columns\":[\"a\"],\"types\":[\"INTEGER\"],\"data\":[],\"row_count\":0,");
    }

    @Test
    void rowCapsAreTold() { // lesson 37
        String cut = String.join("", parts(ResultFormat.JSON, "FROM range(10000)", 2, Long.MAX_VALUE));
        assertThat(cut).contains("\"data\":[[0],[1]],\"row_count\":2,").endsWith(",\"truncated\":true}");
        String whole = String.join("", parts(ResultFormat.JSON, "FROM range(2)", 2, Long.MAX_VALUE));
        assertThat(whole).doesNotContain("truncated");
        assertThatThrownBy(() -> parts(ResultFormat.JSON, "FROM range(10000)", Long.MAX_VALUE, 100))
                .hasMessageContaining("more than 100 rows");
    }

    @Test
    void buffersAreBoundedAndNamesAreUnique() {
        List<String> parts = parts(
                ResultFormat.NDJSON,
                "SELECT range AS a, range AS a FROM range(100000)",
                Long.MAX_VALUE,
                Long.MAX_VALUE);
        assertThat(parts)
                .hasSizeGreaterThan(10)
                .allSatisfy(part -> assertThat(part.length()).isLessThan(40_000));
        String[] lines = String.join("", parts).split("\n");
        assertThat(lines).hasSize(100_000);
        assertThat(lines[99_999]).isEqualTo("{\"a\":99999,\"a_1\":99999}");
    }

    @Test
    void numbersAreReadBackExactly() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        TextBytes out = new TextBytes(16);
        for (int i = 0; i < 200_000; i++) {
            long bits = random.nextLong() >> random.nextInt(64);
            out.clear();
            out.number(bits);
            assertThat(Long.parseLong(new String(out.array(), 0, out.size(), StandardCharsets.US_ASCII)))
                    .isEqualTo(bits);
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                out.clear();
                out.number(value);
                assertThat(Double.parseDouble(new String(out.array(), 0, out.size(), StandardCharsets.US_ASCII)))
                        .isEqualTo(value);
            }
        }
    }
}
