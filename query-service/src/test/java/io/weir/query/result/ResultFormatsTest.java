package io.weir.query.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.query.QueryError;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.arrow.c.ArrowArrayStream;
import org.apache.arrow.c.Data;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.duckdb.DuckDBConnection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.Value;
import org.msgpack.value.ValueFactory;

/** Every format says of a result what plain DuckDB says of it, read back by a reader that is not ours. LESSONS 38. */
class ResultFormatsTest {

    @TempDir
    static Path directory;

    private static EncodedResults results;

    @BeforeAll
    static void open() {
        results = new EncodedResults(directory);
    }

    @AfterAll
    static void close() {
        results.close();
    }

    /** Type, values of it, the CSV cells of those, and MessagePack's as JSON where that is not the CSV cell itself. */
    record Case(String type, List<String> values, List<String> cells, List<String> packed) {

        static Case of(String type, String... triples) {
            List<String> values = new ArrayList<>();
            List<String> cells = new ArrayList<>();
            List<String> packed = new ArrayList<>();
            for (int i = 0; i < triples.length; i += 3) {
                values.add(triples[i]);
                cells.add(triples[i + 1]);
                packed.add(triples[i + 2]);
            }
            return new Case(type, values, cells, packed);
        }

        /** The values and a null as rows of one column. */
        String sql() {
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < values.size(); i++) {
                rows.append(rows.isEmpty() ? "" : ", ")
                        .append("(")
                        .append(i)
                        .append(", ")
                        .append("(" + values.get(i) + ")")
                        .append("::" + type + ")");
            }
            return "SELECT x FROM (VALUES " + rows + ", (" + values.size() + ", NULL)) t(i, x) ORDER BY i";
        }

        @Override
        public String toString() {
            return type;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                Case.of("BOOLEAN", "true", "true", "true", "false", "false", "false"),
                Case.of("TINYINT", "-128", "-128", "-128", "127", "127", "127"),
                Case.of("SMALLINT", "-32768", "-32768", "-32768", "32767", "32767", "32767"),
                Case.of(
                        "INTEGER",
                        "-2147483648",
                        "-2147483648",
                        "-2147483648",
                        "-33",
                        "-33",
                        "-33",
                        "-32",
                        "-32",
                        "-32"),
                Case.of(
                        "BIGINT",
                        "'-9223372036854775808'",
                        "-9223372036854775808",
                        "-9223372036854775808",
                        "9007199254740993",
                        "9007199254740993",
                        "9007199254740993"),
                Case.of("UTINYINT", "255", "255", "255", "128", "128", "128"),
                Case.of("USMALLINT", "65535", "65535", "65535", "256", "256", "256"),
                Case.of("UINTEGER", "4294967295", "4294967295", "4294967295", "65536", "65536", "65536"),
                Case.of(
                        "UBIGINT",
                        "18446744073709551615",
                        "18446744073709551615",
                        "18446744073709551615",
                        "4294967296",
                        "4294967296",
                        "4294967296"),
                Case.of(
                        "HUGEINT",
                        "'-99999999999999999999999999999999999999'",
                        "-99999999999999999999999999999999999999",
                        "\"-99999999999999999999999999999999999999\"",
                        "18446744073709551615",
                        "18446744073709551615",
                        "18446744073709551615",
                        "-1",
                        "-1",
                        "-1"),
                Case.of(
                        "UHUGEINT",
                        "99999999999999999999999999999999999999",
                        "99999999999999999999999999999999999999",
                        "\"99999999999999999999999999999999999999\"",
                        "7",
                        "7",
                        "7"),
                Case.of("DECIMAL(4,2)", "1.5", "1.50", "\"1.50\"", "-0.01", "-0.01", "\"-0.01\""),
                Case.of("DECIMAL(18,0)", "999999999999999999", "999999999999999999", "\"999999999999999999\""),
                Case.of("DECIMAL(38,10)", "-0.0000000001", "-0.0000000001", "\"-0.0000000001\""),
                Case.of(
                        "DOUBLE",
                        "0.1",
                        "0.1",
                        "0.1",
                        "1e300",
                        "1.0E300",
                        "1.0E300",
                        "'nan'",
                        "NaN",
                        "null",
                        "'-inf'",
                        "-Infinity",
                        "null",
                        "'-0.0'",
                        "-0.0",
                        "-0.0",
                        "9007199254740993",
                        "9.007199254740992E15",
                        "9.007199254740992E15"),
                Case.of(
                        "FLOAT",
                        "0.5",
                        "0.5",
                        "0.5",
                        "16777217",
                        "1.6777216E7",
                        "1.6777216E7",
                        "'inf'",
                        "Infinity",
                        "null"),
                Case.of(
                        "VARCHAR",
                        "'a'",
                        "a",
                        "\"a\"",
                        "''",
                        "\"\"",
                        "\"\"",
                        "'a,b'",
                        "\"a,b\"",
                        "\"a,b\"",
                        "'say \"x\"'",
                        "\"say \"\"x\"\"\"",
                        "\"say \\\"x\\\"\"",
                        "concat('a', chr(13), chr(10), 'é😀')",
                        "\"a\r\né😀\"",
                        "\"a\\r\\né\\uD83D\\uDE00\"",
                        "' lead'",
                        " lead",
                        "\" lead\"",
                        "'NULL'",
                        "NULL",
                        "\"NULL\""),
                Case.of("BLOB", "'\\x00\\xFF'", "AP8=", "\"\\u0000\ufffd\"", "''", "\"\"", "\"\""),
                Case.of(
                        "UUID",
                        "'00000000-0000-0000-0000-000000000001'",
                        "00000000-0000-0000-0000-000000000001",
                        "\"00000000-0000-0000-0000-000000000001\""),
                Case.of("ENUM('x', 'y,z')", "'x'", "x", "\"x\"", "'y,z'", "\"y,z\"", "\"y,z\""),
                Case.of("JSON", "'{\"a\":1}'", "\"{\"\"a\"\":1}\"", "\"{\\\"a\\\":1}\""),
                Case.of(
                        "DATE",
                        "'2026-02-28'",
                        "2026-02-28",
                        "\"2026-02-28\"",
                        "'infinity'",
                        "infinity",
                        "\"infinity\""),
                Case.of("TIME", "'12:34:56.789'", "12:34:56.789", "\"12:34:56.789\""),
                Case.of(
                        "TIMESTAMP",
                        "'2026-01-01 00:00:01.25'",
                        "2026-01-01T00:00:01.250Z",
                        "@1767225601.250000000",
                        "'infinity'",
                        "infinity",
                        "\"infinity\""),
                Case.of("TIMESTAMP_S", "'2026-01-01 00:00:01'", "2026-01-01T00:00:01Z", "@1767225601.000000000"),
                Case.of("TIMESTAMP_MS", "'1969-12-31 23:59:59.999'", "1969-12-31T23:59:59.999Z", "@-1.999000000"),
                Case.of(
                        "TIMESTAMP_NS",
                        "'2026-01-01 00:00:00.123456789'",
                        "2026-01-01T00:00:00.123456789Z",
                        "@1767225600.123456789"),
                Case.of(
                        "TIMESTAMPTZ",
                        "'2026-01-01 02:00:00.5+02'",
                        "2026-01-01T00:00:00.500Z",
                        "@1767225600.500000000",
                        "'2600-01-01 00:00:00Z'",
                        "2600-01-01T00:00:00Z",
                        "@19880899200.000000000"),
                Case.of("INTERVAL", "'1 month 2 days 3.5 seconds'", "P1M2DT3.5S", "\"P1M2DT3.5S\""),
                Case.of("INTEGER[]", "[1, NULL, 3]", "\"[1,null,3]\"", "[1,null,3]", "[]", "[]", "[]"),
                Case.of("INTEGER[2]", "[1, 2]", "\"[1,2]\"", "[1,2]"),
                Case.of(
                        "STRUCT(a INTEGER, b VARCHAR[])",
                        "{'a': 1, 'b': ['x']}",
                        "\"{\"\"a\"\":1,\"\"b\"\":[\"\"x\"\"]}\"",
                        "{\"a\":1,\"b\":[\"x\"]}"),
                Case.of(
                        "MAP(INTEGER, VARCHAR)",
                        "MAP {1: 'x', 2: NULL}",
                        "\"{\"\"1\"\":\"\"x\"\",\"\"2\"\":null}\"",
                        "{\"1\":\"x\",\"2\":null}"),
                Case.of(
                        "UNION(n INTEGER, s VARCHAR)",
                        "union_value(s := 'q')",
                        "\"\"\"q\"\"\"",
                        "\"q\"",
                        "union_value(n := 7)",
                        "7",
                        "7"),
                Case.of("ENUM('x', 'y')[]", "['y', 'x']", "\"[\"\"y\"\",\"\"x\"\"]\"", "[\"y\",\"x\"]"));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void csvHasTheValuesAndTellsNullFromEmpty(Case sample) {
        String csv = new String(results.all(ResultFormat.CSV, sample.sql()), StandardCharsets.UTF_8);
        assertThat(csv).isEqualTo("x\r\n" + String.join("\r\n", sample.cells()) + "\r\n\r\n");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void messagePackHasTheValues(Case sample) throws Exception {
        List<Value> maps = unpacked(results.all(ResultFormat.MSGPACK, sample.sql()));
        assertThat(maps).hasSize(3);
        List<Value> column =
                member(maps.get(1), "data").asArrayValue().get(0).asArrayValue().list();
        assertThat(column.stream().map(ResultFormatsTest::text).toList())
                .containsExactlyElementsOf(Stream.concat(sample.packed().stream(), Stream.of("null"))
                        .toList());
    }

    private static String text(Value value) {
        if (value.isTimestampValue()) {
            var stamp = value.asTimestampValue();
            return "@%d.%09d".formatted(stamp.getEpochSecond(), stamp.getNano());
        }
        return value.toJson();
    }

    private static List<Value> unpacked(byte[] stream) throws Exception {
        List<Value> values = new ArrayList<>();
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(stream)) {
            while (unpacker.hasNext()) {
                values.add(unpacker.unpackValue());
            }
        }
        return values;
    }

    private static Value member(Value map, String key) {
        Value value = map.asMapValue().map().get(ValueFactory.newString(key));
        assertThat(value).as("%s of %s", key, map).isNotNull();
        return value;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void arrowIsReadBackAsDuckDbMadeIt(Case sample) throws Exception {
        byte[] stream = results.all(ResultFormat.ARROW, sample.sql());
        try (Connection plain = duckDb()) {
            assertThat(ofArrow(plain, stream)).isEqualTo(rows(plain, sample.sql()));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void parquetIsReadBackAsDuckDbMadeIt(Case sample) throws Exception {
        Path file = directory.resolve("result.parquet");
        Files.write(file, results.all(ResultFormat.PARQUET, sample.sql()));
        try (Connection plain = duckDb()) {
            List<List<String>> read = rows(plain, "FROM read_parquet('" + file + "')");
            switch (sample.type()) { // Parquet's intervals end at milliseconds, and it has no unions
                case "INTERVAL" -> assertThat(read).startsWith(List.of("P1M2DT3.5S"));
                case "UNION(n INTEGER, s VARCHAR)" -> assertThat(read).startsWith(List.of("\"q\""), List.of("7"));
                default -> assertThat(read).isEqualTo(rows(plain, sample.sql()));
            }
        }
    }

    @Test
    void parquetHasRowGroupsOfBoundedSizeAndSaysItsRows() throws Exception {
        String sql = "SELECT range AS n, hash(range) AS a, hash(-range) AS a, repeat('x', (range % 90)::INT) AS s"
                + " FROM range(600000)";
        List<byte[]> chunks =
                results.chunks(ResultFormat.PARQUET, sql, new RowLimit(500_000, Long.MAX_VALUE), NumberForm.NUMBER);
        assertThat(chunks)
                .hasSizeGreaterThan(100)
                .allSatisfy(chunk -> assertThat(chunk.length).isLessThanOrEqualTo(ResultEncoder.CHUNK_BYTES));
        Path file = directory.resolve("groups.parquet");
        Files.write(file, EncodedResults.joined(chunks));
        try (Connection plain = duckDb()) {
            assertThat(rows(plain, "SELECT count(*), sum(n), count(DISTINCT a_1) FROM read_parquet('" + file + "')"))
                    .isEqualTo(rows(
                            plain,
                            "SELECT count(*), sum(n), count(DISTINCT a_1) FROM ("
                                    + sql.replace("hash(-range) AS a", "hash(-range) AS a_1") + " LIMIT 500000)"));
            assertThat(rows(
                            plain,
                            "SELECT decode(key), decode(value) FROM parquet_kv_metadata('" + file
                                    + "') WHERE decode(key) LIKE 'weir%' ORDER BY 1"))
                    .containsExactly(List.of("weir.row_count", "500000"), List.of("weir.truncated", "true"));
            List<List<String>> groups = rows(
                    plain,
                    "SELECT max(row_group_id), max(row_group_bytes) < 12000000 FROM parquet_metadata('" + file + "')");
            assertThat(Integer.parseInt(groups.get(0).get(0))).isPositive();
            assertThat(groups.get(0).get(1)).isEqualTo("true");
        }
    }

    private static Connection duckDb() throws Exception {
        Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
        }
        return connection;
    }

    private static List<List<String>> ofArrow(Connection duckDb, byte[] stream) throws Exception {
        try (BufferAllocator allocator = new RootAllocator();
                ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), allocator);
                ArrowArrayStream exported = ArrowArrayStream.allocateNew(allocator)) {
            Data.exportArrayStream(allocator, reader, exported);
            ((DuckDBConnection) duckDb).registerArrowStream("of_arrow", exported);
            return rows(duckDb, "SELECT * FROM of_arrow");
        }
    }

    /** The rows with every value as text. */
    private static List<List<String>> rows(Connection duckDb, String sql) throws Exception {
        List<List<String>> rows = new ArrayList<>();
        try (Statement statement = duckDb.createStatement();
                ResultSet result = statement.executeQuery("SELECT COLUMNS(*)::VARCHAR FROM (" + sql + ")")) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    @Test
    void csvIsReadBackByDuckDb() throws Exception {
        String sql =
                "SELECT range AS n, CASE WHEN range % 3 = 0 THEN NULL WHEN range % 3 = 1 THEN '' ELSE 'a,\"' || range END"
                        + " AS s, to_timestamp(range / 7.0) AS t, range::DOUBLE / 3 AS d, CAST(range AS HUGEINT) * 1000000007 AS h"
                        + " FROM range(20000)";
        Path file = directory.resolve("result.csv");
        Files.write(file, results.all(ResultFormat.CSV, sql));
        try (Connection plain = duckDb()) {
            String read = "CREATE TEMP TABLE of_csv AS SELECT * FROM read_csv('" + file
                    + "', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"',"
                    + " allow_quoted_nulls = false, columns = {'n': 'BIGINT', 's': 'VARCHAR', 't': 'TIMESTAMPTZ', 'd': 'DOUBLE', 'h': 'HUGEINT'})";
            try (Statement statement = plain.createStatement()) {
                statement.execute(read); // into a table: the reader would take the cast to text for the column's type
            }
            assertThat(rows(plain, "FROM of_csv")).isEqualTo(rows(plain, sql));
        }
    }

    @Test
    void manyBatchesAreReadBack() throws Exception {
        String sql =
                "SELECT range AS n, CASE WHEN range % 5 = 0 THEN NULL ELSE repeat('x', (range % 50)::INT) END AS s,"
                        + " [range, NULL, range % 7] AS l, (range % 2 = 0) AS b, (['x','y','z'])[1 + range % 3]::ENUM('x','y','z') AS e FROM range(50000)";
        List<byte[]> chunks = results.chunks(
                ResultFormat.ARROW, sql, new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), NumberForm.NUMBER);
        assertThat(chunks)
                .hasSizeGreaterThan(10)
                .allSatisfy(chunk -> assertThat(chunk.length).isLessThanOrEqualTo(2 * ResultEncoder.CHUNK_BYTES));
        try (Connection plain = duckDb()) {
            assertThat(ofArrow(plain, EncodedResults.joined(chunks))).isEqualTo(rows(plain, sql));
        }
        List<String> numbers = new ArrayList<>();
        List<byte[]> packed = results.chunks(
                ResultFormat.MSGPACK, sql, new RowLimit(Long.MAX_VALUE, Long.MAX_VALUE), NumberForm.NUMBER);
        assertThat(packed)
                .hasSizeGreaterThan(10)
                .allSatisfy(chunk -> assertThat(chunk.length).isLessThan(3 * ResultEncoder.CHUNK_BYTES));
        for (Value map : unpacked(EncodedResults.joined(packed))) {
            Value data = map.asMapValue().map().get(ValueFactory.newString("data"));
            if (data != null) {
                data.asArrayValue().get(0).asArrayValue().forEach(n -> numbers.add(n.toString()));
            }
        }
        assertThat(numbers).hasSize(50_000);
        assertThat(numbers.get(49_999)).isEqualTo("49999");
    }

    @Test
    void largeRowsMakeSmallArrowBatches() throws Exception {
        String sql = "SELECT repeat('x', 100000) || range AS s FROM range(64)";
        byte[] stream = results.all(ResultFormat.ARROW, sql);
        List<Integer> batches = new ArrayList<>();
        try (BufferAllocator allocator = new RootAllocator();
                ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
            while (reader.loadNextBatch()) {
                batches.add(reader.getVectorSchemaRoot().getRowCount());
            }
        }
        assertThat(batches).hasSizeGreaterThan(10);
        try (Connection plain = duckDb()) {
            assertThat(ofArrow(plain, stream)).isEqualTo(rows(plain, sql));
        }
    }

    @Test
    void resultsWithoutRowsHaveTheirColumns() throws Exception { // lesson 35
        String sql = "SELECT 1 AS a, 'x' AS \"b,c\", 'x'::ENUM('x') AS e WHERE false";
        assertThat(new String(results.all(ResultFormat.CSV, sql), StandardCharsets.UTF_8))
                .isEqualTo("a,\"b,c\",e\r\n");
        List<Value> maps = unpacked(results.all(ResultFormat.MSGPACK, sql));
        assertThat(maps).hasSize(2);
        assertThat(member(maps.get(0), "columns").toJson()).isEqualTo("[\"a\",\"b,c\",\"e\"]");
        assertThat(member(maps.get(0), "types").toJson()).startsWith("[\"INTEGER\",\"VARCHAR\",");
        assertThat(member(maps.get(1), "row_count").asIntegerValue().toInt()).isZero();
        try (Connection plain = duckDb()) {
            assertThat(ofArrow(plain, results.all(ResultFormat.ARROW, sql))).isEmpty();
        }
        assertThat(new String(results.all(ResultFormat.JSON_ROWS, sql), StandardCharsets.UTF_8))
                .isEqualTo("[]");
        Path file = directory.resolve("empty.parquet");
        Files.write(file, results.all(ResultFormat.PARQUET, sql));
        try (Connection plain = duckDb()) {
            assertThat(rows(plain, "DESCRIBE FROM read_parquet('" + file + "')"))
                    .extracting(row -> row.get(0))
                    .containsExactly("a", "b,c", "e");
            assertThat(rows(plain, "FROM read_parquet('" + file + "')")).isEmpty();
        }
    }

    @Test
    void longStringsAreWhole() {
        String sql = "SELECT repeat('x', range::INT * 300) AS s FROM range(1, 4)";
        String lines = "x".repeat(300) + "\r\n" + "x".repeat(600) + "\r\n" + "x".repeat(900) + "\r\n";
        assertThat(new String(results.all(ResultFormat.CSV, sql), StandardCharsets.UTF_8))
                .isEqualTo("s\r\n" + lines);
        assertThat(new String(results.all(ResultFormat.NDJSON, sql), StandardCharsets.UTF_8).replaceAll("[^x\n]", ""))
                .isEqualTo(lines.replace("\r", ""));
    }

    @Test
    void influxJsonIsOneArrayOfObjects() {
        assertThat(new String(
                        results.all(ResultFormat.JSON_ROWS, "SELECT range AS n, 'a' AS s FROM range(2)"),
                        StandardCharsets.UTF_8))
                .isEqualTo("[{\"n\":0,\"s\":\"a\"},{\"n\":1,\"s\":\"a\"}]");
    }

    @Test
    void wideNumbersAreStringsWhenAsked() {
        String sql =
                "SELECT 1::BIGINT AS a, 2::INTEGER AS b, 1.5::DOUBLE AS c, 1.5::DECIMAL(3,1) AS d, 3::HUGEINT AS e, 4::UBIGINT AS f, [5::BIGINT] AS g, 6::UHUGEINT AS h";
        List<byte[]> chunks = results.chunks(ResultFormat.NDJSON, sql, new RowLimit(9, 9), NumberForm.STRING);
        assertThat(new String(EncodedResults.joined(chunks), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{\"a\":\"1\",\"b\":2,\"c\":1.5,\"d\":\"1.5\",\"e\":\"3\",\"f\":\"4\",\"g\":[\"5\"],\"h\":\"6\"}\n");
        List<byte[]> json = results.chunks(ResultFormat.JSON, sql, new RowLimit(9, 9), NumberForm.STRING);
        assertThat(new String(EncodedResults.joined(json), StandardCharsets.UTF_8))
                .contains("[\"1\",2,1.5,\"1.5\",\"3\",\"4\",[\"5\"],\"6\"]")
                .contains("\"row_count\":1,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'101'::BIT",
                "['101'::BIT]",
                "{'BIT': '12:00:00+02'::TIMETZ}",
                "MAP {'a': 42::VARIANT}",
                "123456789012345678901234567890123456789012::BIGNUM",
                "[340282366920938463463374607431768211455::UHUGEINT]",
            })
    void typesWithoutAFormAreRefusedInEveryFormat(String expression) {
        for (ResultFormat format : ResultFormat.values()) {
            assertThatThrownBy(() -> results.all(format, "SELECT " + expression + " AS x"))
                    .as(format.name())
                    .hasMessageContaining("column x is")
                    .hasMessageContaining("cast it to VARCHAR");
        }
    }

    @Test
    void namesOfTypesInNamesAreNotTypes() {
        assertThat(new String(
                        results.all(
                                ResultFormat.NDJSON,
                                "SELECT {'BIT': 1, 'UHUGEINT': 2} AS x, 'BIT'::ENUM('BIT') AS \"BIT\""),
                        StandardCharsets.UTF_8))
                .isEqualTo("{\"x\":{\"BIT\":1,\"UHUGEINT\":2},\"BIT\":\"BIT\"}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "100000000000000000000000000000000000000::HUGEINT",
                "340282366920938463463374607431768211455::UHUGEINT",
                "(-100000000000000000000000000000000000000)::HUGEINT"
            })
    void integersBeyondTheDigitsOfATypedFormatFail(String expression) {
        for (ResultFormat format : List.of(ResultFormat.ARROW, ResultFormat.PARQUET)) {
            assertThatThrownBy(() -> results.all(format, "SELECT " + expression + " AS x"))
                    .isInstanceOfSatisfying(
                            WeirException.class, e -> assertThat(e.code()).isEqualTo(QueryError.RESULT_TYPE))
                    .hasMessageContaining("38 digits");
        }
    }

    @ParameterizedTest
    @EnumSource(ResultFormat.class)
    void rowLimitsHoldInEveryFormat(ResultFormat format) { // lesson 37
        String sql = "SELECT range AS n FROM range(100000)";
        RowLimit cut = new RowLimit(5_000, Long.MAX_VALUE);
        results.chunks(format, sql, cut, NumberForm.NUMBER);
        assertThat(cut.rows()).isEqualTo(5_000);
        assertThat(cut.truncated()).isTrue();
        RowLimit whole = new RowLimit(100_000, 100_000);
        results.chunks(format, sql, whole, NumberForm.NUMBER);
        assertThat(whole.rows()).isEqualTo(100_000);
        assertThat(whole.truncated()).isFalse();
        assertThatThrownBy(() -> results.chunks(format, sql, new RowLimit(Long.MAX_VALUE, 5_000), NumberForm.NUMBER))
                .hasMessageContaining("more than 5000 rows");
    }

    @Test
    void messagePackTellsThatRowsWereCutOff() throws Exception { // lesson 37
        List<Value> maps = unpacked(EncodedResults.joined(
                results.chunks(ResultFormat.MSGPACK, "FROM range(10)", new RowLimit(3, 100), NumberForm.NUMBER)));
        Map<Value, Value> end = maps.get(maps.size() - 1).asMapValue().map();
        assertThat(end.get(ValueFactory.newString("row_count")).toJson()).isEqualTo("3");
        assertThat(end.get(ValueFactory.newString("truncated")).toJson()).isEqualTo("true");
        assertThat(member(maps.get(1), "data").toJson()).isEqualTo("[[0,1,2]]");
    }
}
