package io.weir.query.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.model.TableId;
import io.weir.query.QueryError;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The planner alone: what it decides, without anything behind it that could refuse. */
class StatementParserTest {

    @TempDir
    static Path directory;

    private static DuckDbEngine engine;

    @BeforeAll
    static void open() {
        engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("data")),
                directory.resolve("spill"),
                256L << 20,
                1,
                1,
                8,
                Duration.ofSeconds(5),
                Duration.ofSeconds(30)));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    static ParsedStatement parse(String sql) {
        return engine.withSession(
                        Duration.ofSeconds(30),
                        session -> session.run(connection -> StatementParser.read(
                                        sql, text -> connection.text(StatementParser.TREE_SQL, text)))
                                .flux())
                .blockLast();
    }

    private static List<String> tables(String sql) {
        return ((ParsedStatement.Select) parse(sql))
                .tables().stream().map(TableReference::display).sorted().toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = { // lessons 33, 52, 53
                "SELECT v FROM cpu WHERE time > now() - INTERVAL 1 HOUR | cpu",
                "FROM cpu | cpu",
                "FROM cpu SELECT v | cpu",
                "TABLE cpu | cpu",
                "SELECT EXTRACT(YEAR FROM time) FROM cpu | cpu",
                "SELECT * FROM a, b | a b",
                "SELECT * FROM a LEFT JOIN b USING (host) | a b",
                "SELECT * FROM a ASOF JOIN b ON a.h = b.h AND a.time >= b.time | a b",
                "SELECT * FROM a JOIN LATERAL (SELECT * FROM b WHERE b.h = a.h) x ON true | a b",
                "SELECT 'FROM secret; DROP TABLE x' AS s, \"from\" FROM cpu -- FROM other | cpu",
                "SELECT /* FROM x */ v /* nested /* FROM y */ */ FROM cpu | cpu",
                "SELECT * FROM \"my db\" . /* c */ \"c\"\"pu\" AS z | my db.c\"pu",
                "SELECT * FROM db.cpu WHERE v IN (SELECT v FROM mem) | db.cpu mem",
                "SELECT (SELECT max(v) FROM mem m WHERE m.h = c.h) FROM cpu c | cpu mem",
                "SELECT * FROM cpu WHERE EXISTS (SELECT 1 FROM db2.disk d WHERE d.h = cpu.h) | cpu db2.disk",
                "WITH cpu AS (SELECT * FROM cpu) SELECT * FROM cpu | cpu",
                "WITH x AS (SELECT * FROM a), y AS (SELECT * FROM x JOIN b USING (h)) SELECT * FROM y | a b",
                "WITH x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x | y",
                "WITH x AS (SELECT 1) SELECT * FROM db.x | db.x",
                "WITH X AS (SELECT * FROM a) SELECT * FROM x | a",
                "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r JOIN cpu ON n = v | cpu",
                "SELECT * FROM cpu WHERE 1 IN (WITH q AS (SELECT 1) SELECT * FROM q) AND 2 IN (SELECT 1 FROM q) | cpu q",
                "SELECT * FROM a UNION ALL SELECT * FROM b EXCEPT SELECT * FROM c ORDER BY 1 LIMIT (SELECT max(n) FROM d) | a b c d",
                "SELECT * FROM (VALUES (1), (2)) v(x), range(3), unnest([1, 2]) | ``",
                "VALUES (1, 'x') | ``",
                "SELECT DISTINCT ON (host) host, v FROM cpu ORDER BY host, time DESC | cpu",
                "SELECT sum(v) FILTER (WHERE v > 1) OVER (PARTITION BY host ORDER BY time ROWS 3 PRECEDING) FROM cpu QUALIFY true | cpu",
                "SELECT COLUMNS('v.*'), * EXCLUDE (host) REPLACE (v + 1 AS v) FROM cpu | cpu",
                "SELECT list_transform([1, 2], lambda x: x + 1), [y * 2 FOR y IN [1, 2]] FROM cpu | cpu",
                "SELECT CASE WHEN v IS NULL THEN 1 ELSE v::INT END, v BETWEEN 1 AND 2, host LIKE 'a%', NOT host ~ 'x' FROM cpu | cpu",
                "SELECT time_bucket(INTERVAL '5 minutes', time) t, avg(v) FROM cpu GROUP BY ALL ORDER BY ALL | cpu",
                "SELECT count(*) FROM cpu GROUP BY GROUPING SETS ((host), ()) HAVING count(*) > 1 | cpu",
                "SELECT * FROM cpu TABLESAMPLE RESERVOIR (5 ROWS) | cpu",
                "SELECT * FROM 'odd name.parquet' | odd name.parquet",
                "DESCRIBE SELECT * FROM cpu | cpu",
                "SUMMARIZE cpu | cpu",
                "SELECT * FROM (SELECT * FROM cpu) SELECT_ | cpu",
                "PIVOT cpu ON host USING sum(v) | cpu",
                "PIVOT (FROM db.cpu) ON host, v > 1 USING sum((SELECT max(n) FROM mem)) GROUP BY v | db.cpu mem",
                "SELECT * FROM (PIVOT cpu ON host USING sum((SELECT 1 FROM disk))) | cpu disk",
                "WITH x AS (FROM cpu) PIVOT x ON host USING max(v) | cpu",
                "FROM cpu PIVOT (sum(v) FOR host IN (1)) JOIN mem m ON m.h = 1 | cpu mem",
                "SELECT arg_max(v, time), last(v ORDER BY time), quantile_cont(v, 0.5), approx_quantile(v, 0.9) FROM cpu | cpu",
            })
    void tablesComeFromTheTree(String sql, String expected) {
        assertThat(String.join(" ", tables(sql))).isEqualTo(expected == null ? "" : expected);
    }

    @Test
    void showAndDescribeAreTold() {
        assertThat(parse("SHOW DATABASES")).isEqualTo(new ParsedStatement.ShowDatabases());
        assertThat(parse("show tables;")).isEqualTo(new ParsedStatement.ShowTables(""));
        assertThat(parse("SHOW TABLES FROM telegraf")).isEqualTo(new ParsedStatement.ShowTables("telegraf"));
        assertThat(((ParsedStatement.Describe) parse("DESCRIBE db.cpu")).table().display())
                .isEqualTo("db.cpu");
        assertThat(((ParsedStatement.Describe) parse("SHOW cpu")).table().display())
                .isEqualTo("cpu");
    }

    @ParameterizedTest
    @ValueSource(
            strings = { // lessons 51, 54
                "SELECT * FROM read_csv('/etc/passwd')",
                "SELECT * FROM READ_TEXT('/etc/passwd')",
                "SELECT * FROM \"read_text\"('/etc/passwd')",
                "SELECT * FROM main.read_blob('/etc/passwd')",
                "SELECT * FROM system.main.read_text('/etc/passwd')",
                "SELECT * FROM read_parquet('x.parquet') AS cpu",
                "SELECT * FROM parquet_metadata('x')",
                "SELECT * FROM glob('/*')",
                "SELECT * FROM sniff_csv('x')",
                "SELECT * FROM cpu, LATERAL (SELECT * FROM read_text(host))",
                "SELECT * FROM cpu WHERE v IN (SELECT size FROM read_text('/etc/passwd'))",
                "WITH x AS (SELECT * FROM read_csv('/etc/passwd')) SELECT * FROM x",
                "SELECT * FROM duckdb_settings()",
                "SELECT * FROM duckdb_functions()",
                "SELECT * FROM pragma_database_list()",
                "SELECT * FROM pragma_table_info('cpu')",
                "SELECT * FROM weir_hot('0')",
                "SELECT * FROM query('SELECT 1')",
                "SELECT * FROM query_table('cpu')",
                "SELECT * FROM json_execute_serialized_sql('{}')",
                "SELECT * FROM seq_scan('cpu')",
                "SELECT * FROM test_all_types()",
                "SELECT current_setting('temp_directory')",
                "SELECT getenv('HOME')",
                "SELECT getvariable('x')",
                "SELECT nextval('s')",
                "SELECT current_query()",
                "SELECT current_role()",
                "SELECT version()",
                "SELECT sleep_ms(1000)",
                "SELECT pg_sleep(1)",
                "SELECT write_log('x')",
                "SELECT setseed(0.5)",
                "SELECT json_serialize_plan('SELECT 1')",
                "SELECT no_such_function(1)",
                "SELECT sum(v) OVER (ORDER BY current_setting('x')) FROM cpu",
                "SELECT 1::main.integer",
                "SELECT * FROM a.b.c",
                "SELECT * FROM cpu AT (VERSION => 1)",
                "SELECT * FROM (SHOW TABLES)",
                "SHOW ALL VARIABLES FROM x",
                "SHOW VARIABLES",
                "WITH sqlite_master AS (SELECT 1) SELECT * FROM sqlite_master",
                "WITH DUCKDB_tables AS (SELECT 1) SELECT 1",
                "COPY cpu TO '/tmp/x'",
                "COPY (SELECT 1) TO '/dev/stdout'",
                "ATTACH ':memory:' AS x",
                "DETACH x",
                "SET threads = 1",
                "RESET threads",
                "PRAGMA version",
                "CALL pragma_version()",
                "INSTALL httpfs",
                "LOAD httpfs",
                "CREATE TABLE x AS SELECT 1",
                "CREATE SECRET s (TYPE s3)",
                "CREATE MACRO f(x) AS x",
                "INSERT INTO cpu VALUES (1)",
                "DELETE FROM cpu",
                "UPDATE cpu SET v = 1",
                "DROP TABLE cpu",
                "EXPORT DATABASE '/tmp/x'",
                "VACUUM",
                "CHECKPOINT",
                "BEGIN",
                "USE x",
                "PREPARE p AS SELECT 1",
                "SELECT 1; SELECT 2",
                "SELECT 1; COPY cpu TO '/tmp/x'",
                "",
                "-- nothing",
            })
    void everythingElseIsRefused(String sql) {
        assertThatThrownBy(() -> parse(sql))
                .isInstanceOfSatisfying(
                        WeirException.class,
                        e -> assertThat(e.code()).isIn(QueryError.SQL_NOT_ALLOWED, QueryError.SQL_SYNTAX));
    }

    @Test
    void errorsSayWhere() {
        assertThatThrownBy(() -> parse("SELECT 'é'\nFROM read_csv('x')"))
                .hasMessage("table function read_csv is not allowed at line 2, column 6")
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.context()).containsEntry("position", 17));
        assertThatThrownBy(() -> parse("selec 1"))
                .hasMessage("syntax error at or near \"selec\" at line 1, column 1")
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(QueryError.SQL_SYNTAX));
        assertThatThrownBy(() -> parse("SELECT 1; SELECT 2")).hasMessage("expected exactly one statement, found 2");
    }

    private static BoundStatement bind(String sql, QueryParameters parameters) {
        ParsedStatement.Select select = (ParsedStatement.Select) parse(sql);
        Map<TableReference, TableId> resolved = new HashMap<>();
        select.tables()
                .forEach(table -> resolved.put(
                        table, new TableId("o", table.database() == null ? "main" : table.database(), table.name())));
        BoundStatement bound = BoundStatement.of(select, resolved, parameters);
        bound.verify(parse(bound.sql()), select);
        return bound;
    }

    @Test
    void statementsWithoutQualifiedNamesRunAsSent() {
        BoundStatement bound = bind("SELECT * FROM cpu JOIN \"my m\" m USING (host)", QueryParameters.none());
        assertThat(bound.changed()).isFalse();
        assertThat(bound.views().keySet()).containsExactly("cpu", "my m");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = { // lesson 33: only the name is replaced
                "SELECT 'é db.cpu' FROM db.cpu WHERE cpu.v > 1 -- db.cpu | SELECT 'é db.cpu' FROM \"__weir_0\" AS \"cpu\" WHERE cpu.v > 1 -- db.cpu",
                "SELECT * FROM \"d\" /* x */ . \"C p\" AS z LEFT JOIN cpu USING (h) | SELECT * FROM \"__weir_1\" AS z LEFT JOIN cpu USING (h)",
                "SELECT * FROM cpu, CPU | SELECT * FROM cpu, \"__weir_1\" AS \"CPU\"",
                "SELECT * FROM db.cpu TABLESAMPLE 10% | SELECT * FROM \"__weir_0\" AS \"cpu\" TABLESAMPLE 10%",
                "TABLE db.cpu | TABLE \"__weir_0\"",
                "SUMMARIZE /* é */ \"db\".cpu | SUMMARIZE /* é */ \"__weir_0\"",
                "SELECT db.cpu.v, cpu.v FROM db.cpu | SELECT \"cpu\".v, cpu.v FROM \"__weir_0\" AS \"cpu\"",
                "SELECT main.cpu.v, cpu.v FROM cpu | SELECT \"cpu\".v, cpu.v FROM cpu",
                "SELECT a.cpu.v, b . cpu . v FROM a.cpu, b.cpu | SELECT \"__weir_0\".v, \"__weir_1\" . v FROM \"__weir_0\", \"__weir_1\"",
                "SELECT * FROM db.cpu c(a, b) | SELECT * FROM \"__weir_0\" c(a, b)",
            })
    void onlyQualifiedOrCollidingNamesAreReplaced(String sql, String expected) {
        assertThat(bind(sql, QueryParameters.none()).sql()).isEqualTo(expected);
    }

    @Test
    void parametersBindByNumberAndByName() {
        BoundStatement named =
                bind("SELECT $a, 'é $a', $b FROM cpu WHERE v = $a", QueryParameters.named(Map.of("a", 1L, "b", "x")));
        assertThat(named.sql()).isEqualTo("SELECT $1, 'é $a', $2 FROM cpu WHERE v = $1");
        assertThat(named.parameters()).containsExactly(1L, "x");
        BoundStatement numbered = bind("SELECT $2, $1", QueryParameters.positional(List.of("one", "two")));
        assertThat(numbered.sql()).isEqualTo("SELECT $2, $1");
        assertThat(numbered.parameters()).containsExactly("one", "two");
        assertThat(bind("SELECT ?, ?", QueryParameters.positional(List.of(1L, 2L)))
                        .parameters())
                .containsExactly(1L, 2L);
        assertThatThrownBy(() -> bind("SELECT $x", QueryParameters.none())).hasMessage("no value for parameter $x");
        assertThatThrownBy(() -> bind("SELECT ?", QueryParameters.positional(List.of(1L, 2L))))
                .hasMessage("2 parameter values for a statement that has 1 parameters");
    }
}
