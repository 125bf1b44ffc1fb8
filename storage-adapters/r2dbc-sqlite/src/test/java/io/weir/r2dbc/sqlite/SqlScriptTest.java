package io.weir.r2dbc.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SqlScriptTest {

    private static List<String> split(String sql) {
        return SqlScript.parse(sql).parts().stream().map(SqlPart::sql).toList();
    }

    private static SqlPart only(String sql) {
        List<SqlPart> parts = SqlScript.parse(sql).parts();
        assertThat(parts).hasSize(1);
        return parts.get(0);
    }

    @Test
    void statementsAreSplitAtSemicolons() {
        assertThat(split("SELECT 1; SELECT 2 ;; ;SELECT 3")).containsExactly("SELECT 1", "SELECT 2", "SELECT 3");
    }

    @Test
    void blanksAndCommentsAreNotStatements() {
        assertThat(split(" \n-- nothing\n/* ; */ ;")).isEmpty();
        assertThat(split("/* a */ SELECT 1 /* b */; -- c")).containsExactly("SELECT 1");
    }

    @Test
    void semicolonsInStringsNamesAndCommentsDoNotSplit() {
        String sql = "SELECT 'a;''b;', \"c;\", `d;`, [e;], x'3b' -- ;\n /* ; */ , 1";
        assertThat(split(sql)).containsExactly(sql);
    }

    @Test
    void anUnterminatedStringReachesToTheEnd() {
        assertThat(split("SELECT 'a; SELECT 2")).hasSize(1);
    }

    @Test
    void triggersKeepTheSemicolonsOfTheirBody() {
        String trigger = "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; "
                + "DELETE FROM t; END";
        assertThat(split(trigger + "; SELECT 1")).containsExactly(trigger, "SELECT 1");
        assertThat(split("EXPLAIN QUERY PLAN " + trigger + ";")).containsExactly("EXPLAIN QUERY PLAN " + trigger);
    }

    @Test
    void parametersAreNumberedAsSqliteNumbersThem() {
        assertThat(only("SELECT ?, ?7, ?, :a, @a, :a, $b::c").slots())
                .containsExactly(0, -1, -1, -1, -1, -1, 6, 7, 8, 9, 10);
    }

    @Test
    void statementsOfAScriptShareParameters() {
        SqlScript script = SqlScript.parse("INSERT INTO t VALUES (:a, :b); UPDATE t SET x = :b; SELECT ?");
        assertThat(script.parts()).extracting(SqlPart::slots).containsExactly(List.of(0, 1), List.of(1), List.of(2));
        assertThat(script.used()).containsExactly(0, 1, 2);
        assertThat(script.indicesOf("b")).containsExactly(1);
        assertThat(script.indicesOf(":b")).containsExactly(1);
        assertThat(script.indicesOf("c")).isEmpty();
    }

    @Test
    void aNumberSqliteDoesNotAllowIsAnError() {
        for (String parameter : List.of("?0", "?32767", "?9999999999")) {
            assertThatThrownBy(() -> SqlScript.parse("SELECT " + parameter))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("parameter " + parameter + " (expected: a number from ?1 to ?32766)");
        }
    }

    @Test
    void theVerbOfAWithStatementIsThatOfItsMainStatement() {
        assertThat(only("WITH a AS (DELETE) INSERT INTO t SELECT replace(x, 1, 2) FROM a")
                        .verb())
                .isEqualTo("INSERT");
        assertThat(only("with a(x) as (values (1)) select replace(x, 1, 2) from a")
                        .changesRows())
                .isFalse();
    }

    @Test
    void returningIsAddedOnceAndOnlyToStatementsThatChangeRows() {
        assertThat(only("INSERT INTO t VALUES (1) -- end")
                        .returning(List.of("a", "b\"c"))
                        .sql())
                .isEqualTo("INSERT INTO t VALUES (1)\nRETURNING \"a\", \"b\"\"c\"");
        assertThat(only("DELETE FROM t").returning(List.of()).sql()).isEqualTo("DELETE FROM t\nRETURNING *");
        assertThat(only("DELETE FROM t RETURNING a").returning(List.of()).sql()).isEqualTo("DELETE FROM t RETURNING a");
        assertThat(only("SELECT 1").returning(List.of()).sql()).isEqualTo("SELECT 1");
    }

    @Test
    void randomStatementsHaveTheParametersSqliteSees() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        try (Connection jdbc = DriverManager.getConnection("jdbc:sqlite::memory:")) {
            for (int i = 0; i < 500; i++) {
                List<String> statements = randomStatements(random);
                SqlScript script = SqlScript.parse(String.join(";", statements));
                assertThat(script.parts()).as("seed %s: %s", seed, script.sql()).hasSameSizeAs(statements);
                for (int part = 0; part < statements.size(); part++) {
                    try (PreparedStatement prepared = jdbc.prepareStatement(statements.get(part))) {
                        assertThat(script.parts().get(part).slots())
                                .as("seed %s: %s", seed, statements.get(part))
                                .hasSize(prepared.getParameterMetaData().getParameterCount());
                    }
                }
            }
        }
    }

    private static List<String> randomStatements(Random random) {
        List<String> fragments = List.of(
                "'it''s ? :x ;'",
                "?",
                "?3",
                ":a",
                "@a",
                "$a",
                "$a::b",
                ":käse",
                "x'3b'",
                "1 AS \"q?;\"",
                "2 AS [a?;]",
                "3 AS `b;`",
                "/* ? ; ' */ 4",
                "5 -- :c ; \"\n",
                "6.5e-1",
                "a$b.y",
                "7 - -8",
                "'' || ?12",
                "''",
                "1 / 2");
        List<String> statements = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            List<String> columns = new ArrayList<>();
            for (int j = random.nextInt(6); j >= 0; j--) {
                columns.add(fragments.get(random.nextInt(fragments.size())));
            }
            statements.add("SELECT " + String.join(", ", columns) + " FROM (SELECT 1 AS y) a$b");
        }
        return statements;
    }
}
