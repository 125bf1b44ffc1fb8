package io.weir.query.lastvalue;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.common.schema.MeasurementSchema;
import io.weir.query.plan.ParsedStatement;
import io.weir.query.plan.StatementParser;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which statements read newest rows only. What is wrongly taken for one gives wrong answers; LESSONS 33. */
class LastShapeTest {

    private static final MeasurementSchema CPU = MeasurementSchema.of(
            List.of(
                    new Column("host", ColumnType.TAG),
                    new Column("region", ColumnType.TAG),
                    new Column("v", ColumnType.FLOAT64),
                    new Column("n", ColumnType.INT64)),
            false);

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

    private static boolean fits(String sql) {
        String tree = engine.withSession(
                        Duration.ofSeconds(30),
                        session -> session.run(connection -> connection.text(StatementParser.TREE_SQL, sql))
                                .flux())
                .blockLast();
        ParsedStatement.Select select = (ParsedStatement.Select) StatementParser.parse(sql, tree);
        LastShape shape = LastShape.of(select.tree(), "cpu");
        return shape != null && shape.fits(CPU);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM cpu GROUP BY host) m ON c.host = m.host AND c.time = m.mt",
                "SELECT * FROM (SELECT host, max(time) AS mt FROM cpu WHERE host IN ('a', 'b') GROUP BY host) m JOIN cpu c ON m.mt = c.time AND m.host = c.host WHERE c.v > 5 ORDER BY v LIMIT 3",
                "SELECT avg(v), count(*) FROM cpu JOIN (SELECT host, region, max(time) AS time FROM cpu GROUP BY host, region) m USING (host, time, region)",
                "SELECT c.v, h.x FROM cpu c JOIN (SELECT host AS h, max(time) AS t FROM cpu GROUP BY host) m ON c.host = m.h AND c.time = m.t JOIN hosts h ON h.x = c.host",
                "SELECT * FROM cpu WHERE (host, time) IN (SELECT host, max(time) FROM cpu GROUP BY host)",
                "SELECT * FROM cpu WHERE (host, time) IN (SELECT host, max(time) FROM cpu WHERE host <> 'a' AND time > '2024-01-01' GROUP BY host)",
                "SELECT sum(v) FROM cpu WHERE v < 5 AND (time, host) IN (SELECT max(time), host FROM cpu GROUP BY host)",
                "SELECT host, arg_max(v, time), max_by(n, time), max(time) FROM cpu GROUP BY host",
                "SELECT host, arg_max(v, time) AS v, max(time) AS time FROM cpu GROUP BY host ORDER BY time DESC LIMIT 10",
                "SELECT host AS h, last(v ORDER BY time), first(n ORDER BY time DESC) FROM cpu GROUP BY h HAVING max(time) > now() - INTERVAL 1 HOUR",
                "SELECT upper(host), round(arg_max(v, time) * 100, 1) FROM cpu WHERE region = 'eu' AND time > now() - INTERVAL '1 day' GROUP BY 1 ORDER BY 1",
                "SELECT host, max(time) FROM cpu GROUP BY ALL",
                "SELECT c.host, arg_max(c.v, c.time) FROM cpu c WHERE NOT (c.host LIKE 'x%' OR c.region IS NULL) AND '2024-01-01' <= c.time GROUP BY c.host",
                "SELECT max(time) FROM cpu",
                "SELECT arg_max(v, time), now() - max(time) FROM cpu WHERE host = $1",
                "SELECT DISTINCT ON (host) * FROM cpu ORDER BY host, time DESC",
                "SELECT DISTINCT ON (host, region) host, v + n AS s FROM cpu WHERE host = 'a' ORDER BY host, region DESC, time DESC, n LIMIT 5",
                "SELECT DISTINCT ON (host) * FROM cpu ORDER BY time DESC",
                "SELECT DISTINCT host, region FROM cpu WHERE region <> 'x' ORDER BY host",
                "SELECT host FROM cpu GROUP BY host",
                "SELECT * EXCLUDE (n) FROM cpu QUALIFY row_number() OVER (PARTITION BY host ORDER BY time DESC) = 1 ORDER BY v",
                "SELECT host, v FROM cpu QUALIFY 1 = rank() OVER (PARTITION BY host, region ORDER BY time DESC, n)",
                "SELECT * FROM cpu ORDER BY time DESC LIMIT 1",
                "SELECT v FROM CPU WHERE host = 'a' ORDER BY CPU.time DESC LIMIT 1",
                "SELECT count(*) FROM (SELECT host, max(time) AS t FROM cpu GROUP BY host) WHERE t < now() - INTERVAL 1 HOUR",
                "WITH l AS (SELECT host, arg_max(v, time) AS v FROM cpu GROUP BY host) SELECT avg(v), sum(v) OVER () FROM l GROUP BY v",
                "SELECT host, max(time) FROM cpu GROUP BY host UNION ALL SELECT host, max(time) FROM other.cpu GROUP BY host",
            })
    void statementsForTheNewestFit(String sql) {
        assertThat(fits(sql)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM cpu",
                "SELECT count(*) FROM cpu",
                "SELECT 1",
                "SELECT host, max(v) FROM cpu GROUP BY host",
                "SELECT host, count(host), max(time) FROM cpu GROUP BY host",
                "SELECT host, min(time) FROM cpu GROUP BY host",
                "SELECT host, arg_min(v, time) FROM cpu GROUP BY host",
                "SELECT host, arg_max(v, n) FROM cpu GROUP BY host",
                "SELECT host, arg_max(v, time, 3) FROM cpu GROUP BY host",
                "SELECT host, arg_max(nullif(v, 0), time) FROM cpu GROUP BY host",
                "SELECT host, arg_max(v, time) FILTER (WHERE v > 5) FROM cpu GROUP BY host",
                "SELECT host, max(time) FILTER (WHERE v > 5) FROM cpu GROUP BY host",
                "SELECT host, last(v) FROM cpu GROUP BY host",
                "SELECT host, last(v ORDER BY time DESC) FROM cpu GROUP BY host",
                "SELECT host, first(v ORDER BY time) FROM cpu GROUP BY host",
                "SELECT host, last(v ORDER BY n) FROM cpu GROUP BY host",
                "SELECT n, max(time) FROM cpu GROUP BY n",
                "SELECT max(time) FROM cpu GROUP BY v",
                "SELECT n AS g, max(time) FROM cpu GROUP BY g",
                "SELECT n, max(time) FROM cpu GROUP BY 1",
                "SELECT host, max(time) FROM cpu GROUP BY date_trunc('hour', time), host",
                "SELECT host, max(time) FROM cpu WHERE v > 5 GROUP BY host",
                "SELECT host, max(time) FROM cpu WHERE time < '2024-01-01' GROUP BY host",
                "SELECT host, max(time) FROM cpu WHERE time BETWEEN '2024-01-01' AND '2024-02-01' GROUP BY host",
                "SELECT host, max(time) FROM cpu WHERE time = '2024-01-01' GROUP BY host",
                "SELECT host, max(time) FROM cpu WHERE host = 'a' OR time > '2024-01-01' GROUP BY host",
                "SELECT host, max(time) FROM cpu WHERE NOT time > '2024-01-01' GROUP BY host",
                "SELECT host, max(time) FROM cpu WHERE time > make_timestamptz(n) GROUP BY host",
                "SELECT host, max(time) FROM cpu WHERE random() < 0.5 GROUP BY host",
                "SELECT host, max(time) FROM cpu WHERE host IN (SELECT host FROM cpu WHERE v > 5) GROUP BY host",
                "SELECT host, max(time) FROM cpu TABLESAMPLE 10% GROUP BY host",
                "SELECT host, max(time) FROM cpu c(host, t, time) GROUP BY host",
                "SELECT host, max(time) FROM cpu, other GROUP BY host",
                "SELECT host, max(time) FROM cpu GROUP BY host ORDER BY count(*)",
                "SELECT host, max(time) FROM cpu GROUP BY host HAVING count(*) > 1",
                "SELECT v AS host, max(time) FROM cpu GROUP BY host",
                "SELECT DISTINCT ON (host) * FROM cpu ORDER BY host, time",
                "SELECT DISTINCT ON (host) * FROM cpu ORDER BY host",
                "SELECT DISTINCT ON (host) * FROM cpu ORDER BY host, n, time DESC",
                "SELECT DISTINCT ON (host) v, host FROM cpu ORDER BY 1, time DESC",
                "SELECT DISTINCT ON (n) * FROM cpu ORDER BY n, time DESC",
                "SELECT DISTINCT ON (host) host, n AS time FROM cpu ORDER BY host, time DESC",
                "SELECT DISTINCT ON (host) n AS host FROM cpu ORDER BY host, time DESC",
                "SELECT DISTINCT ON (host) *, count(*) OVER () FROM cpu ORDER BY host, time DESC",
                "SELECT DISTINCT ON (host) * REPLACE (n AS time) FROM cpu ORDER BY host, time DESC",
                "SELECT DISTINCT host, v FROM cpu",
                "SELECT DISTINCT 1 FROM cpu",
                "SELECT * FROM cpu QUALIFY row_number() OVER (PARTITION BY host ORDER BY time) = 1",
                "SELECT * FROM cpu QUALIFY row_number() OVER (PARTITION BY host ORDER BY time DESC) = 2",
                "SELECT * FROM cpu QUALIFY row_number() OVER (PARTITION BY host ORDER BY time DESC) <= 1",
                "SELECT * FROM cpu QUALIFY row_number() OVER (PARTITION BY n ORDER BY time DESC) = 1",
                "SELECT *, sum(v) OVER (PARTITION BY host) FROM cpu QUALIFY row_number() OVER (PARTITION BY host ORDER BY time DESC) = 1",
                "SELECT * FROM cpu WHERE v > 5 QUALIFY row_number() OVER (PARTITION BY host ORDER BY time DESC) = 1",
                "SELECT * FROM cpu ORDER BY time DESC LIMIT 2",
                "SELECT * FROM cpu ORDER BY time DESC LIMIT 1 OFFSET 1",
                "SELECT * FROM cpu ORDER BY time DESC LIMIT $1",
                "SELECT * FROM cpu ORDER BY time DESC LIMIT 1%",
                "SELECT * FROM cpu ORDER BY time LIMIT 1",
                "SELECT * FROM cpu ORDER BY n, time DESC LIMIT 1",
                "SELECT * FROM cpu LIMIT 1",
                "SELECT c.* FROM cpu c LEFT JOIN (SELECT host, max(time) AS mt FROM cpu GROUP BY host) m ON c.host = m.host AND c.time = m.mt",
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM cpu GROUP BY host) m ON c.host = m.host",
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM cpu GROUP BY host) m ON c.time = m.mt",
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM cpu GROUP BY host) m ON c.host = m.host AND c.time >= m.mt",
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM cpu GROUP BY host) m ON c.host = m.host OR c.time = m.mt",
                "SELECT c.* FROM cpu c JOIN (SELECT host, region, max(time) AS mt FROM cpu GROUP BY host, region) m ON c.host = m.host AND c.time = m.mt",
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM cpu WHERE v > 5 GROUP BY host) m ON c.host = m.host AND c.time = m.mt",
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM cpu WHERE region = 'eu' GROUP BY host) m ON c.host = m.host AND c.time = m.mt",
                "SELECT * FROM cpu WHERE (host, time) IN (SELECT host, max(time) FROM cpu WHERE region = 'eu' GROUP BY host)",
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM other GROUP BY host) m ON c.host = m.host AND c.time = m.mt",
                "SELECT c.* FROM cpu c JOIN (SELECT host, max(time) AS mt FROM cpu GROUP BY host) m ON c.host = m.host AND c.time = m.mt JOIN cpu d ON d.host = c.host",
                "SELECT * FROM cpu WHERE (host, time) NOT IN (SELECT host, max(time) FROM cpu GROUP BY host)",
                "SELECT * FROM cpu WHERE (host, time) IN (SELECT host, max(time) FROM cpu GROUP BY host) OR v > 5",
                "SELECT * FROM cpu WHERE (region, time) IN (SELECT host, max(time) FROM cpu GROUP BY host)",
                "SELECT * FROM cpu WHERE (host, time) IN (SELECT host, max(time) FROM cpu GROUP BY host, region)",
                "SELECT host, max(time), (SELECT count(*) FROM cpu) FROM cpu GROUP BY host",
                "SELECT host, max(time) FROM cpu GROUP BY host UNION ALL SELECT host, time FROM CPU",
                "WITH cpu AS (SELECT * FROM cpu WHERE v > 5) SELECT DISTINCT ON (host) * FROM cpu ORDER BY host, time DESC",
                "SELECT o.x, (SELECT arg_max(v, time) FROM cpu WHERE cpu.host = o.host) FROM other o",
                "SELECT COLUMNS('n|v') FROM cpu ORDER BY time DESC LIMIT 1",
            })
    void whatNeedsOlderRowsOrIsNotKnownDoesNot(String sql) {
        assertThat(fits(sql)).isFalse();
    }
}
