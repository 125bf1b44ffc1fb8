package io.weir.query.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The whole function list of the engine against the allow-list. */
class FunctionListTest {

    private static List<String> names(String where) throws Exception {
        List<String> names = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT DISTINCT function_name FROM duckdb_functions() WHERE " + where)) {
            while (result.next()) {
                names.add(result.getString(1));
            }
        }
        return names;
    }

    @Test
    void noTableFunctionButTheHarmlessIsAllowedInFrom() throws Exception { // lesson 51
        TreeSet<String> allowed = new TreeSet<>(names("function_type IN ('table', 'table_macro', 'pragma')"));
        allowed.removeIf(name -> !AllowedFunctions.isAllowedInFrom(name));
        assertThat(allowed).containsExactly("generate_series", "json_each", "range", "unnest");
    }

    @Test
    void everyFunctionIsAllowedOrRefusedByDecision() throws Exception { // lesson 51
        Set<String> refused;
        try (var list = Objects.requireNonNull(FunctionListTest.class.getResourceAsStream("refused-functions.txt"))) {
            refused = new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("# "))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
        TreeSet<String> left = new TreeSet<>(names("function_type NOT IN ('table', 'table_macro', 'pragma')"));
        left.removeIf(AllowedFunctions::isAllowed);
        assertThat(left).isEqualTo(refused);
    }

    @Test
    void whatChangesOrReadsTheEngineIsRefused() throws Exception { // lesson 51
        assertThat(names("has_side_effects AND function_type = 'scalar'").stream()
                        .filter(AllowedFunctions::isAllowed))
                .containsExactlyInAnyOrder("uuid", "uuidv4", "uuidv7", "gen_random_uuid", "random", "error");
        assertThat(names("true").stream()
                        .filter(name -> name.matches(
                                "(?i)(pg_|has_|inet_|__internal|duckdb_|pragma_|read_|current_|json_serialize).*"))
                        .filter(AllowedFunctions::isAllowed))
                .allMatch(name -> name.matches("current_(date|localtime|localtimestamp|timestamp)"));
    }

    /** REQUIREMENTS C1: what the engine itself calls inconsistent, and what is made of it, keeps an answer from being kept. */
    @Test
    void everyFunctionThatLooksAtTheClockOrLeavesToChanceIsUnsteady() throws Exception {
        List<String> unsteady = new ArrayList<>(names("stability <> 'CONSISTENT'"));
        unsteady.addAll(names("macro_definition SIMILAR TO '.*(now|today|random|uuid|current_[a-z]+)\\(?.*'"));
        assertThat(unsteady).contains("now", "random", "ago");
        assertThat(unsteady.stream().filter(AllowedFunctions::isAllowed))
                .allMatch(StatementForm::isUnsteady)
                .contains("now", "random", "ago", "today", "current_date");
    }

    @Test
    void mostOfTheOthersAreAllowed() throws Exception {
        List<String> aggregates = names("function_type = 'aggregate'");
        assertThat(aggregates.stream().filter(name -> !AllowedFunctions.isAllowed(name)))
                .containsExactlyInAnyOrder("combine_aggr");
    }
}
