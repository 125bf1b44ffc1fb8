package io.weir.query.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatementCacheTest {

    private final StatementCache cache = new StatementCache();
    private final List<String> asked = new ArrayList<>();

    private ParsedStatement read(String sql) throws Exception {
        return cache.read(sql, text -> {
            asked.add(text);
            return text.startsWith("?")
                    ? "{\"error\":true,\"error_message\":\"no\"}"
                    : "{\"error\":false,\"statements\":[{\"node\":{\"type\":\"SELECT_NODE\"}}]}";
        });
    }

    @Test
    void theEngineIsAskedForEachTextOnce() throws Exception {
        assertThat(read("SELECT 1")).isSameAs(read("SELECT 1"));
        assertThat(read("SELECT 2")).isNotSameAs(read("SELECT 1"));
        assertThat(asked).containsExactly("SELECT 1", "SELECT 2");
    }

    @Test
    void whatIsRefusedIsNotKept() {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> read("?")).isInstanceOf(WeirException.class);
        }
        assertThat(asked).hasSize(2);
    }

    @Test
    void theTextUsedLongestAgoIsForgottenFirst() throws Exception { // C2: bounded
        String end = " ".repeat(4_000);
        for (int i = 0; i < 100; i++) {
            read(i + end);
            read("0" + end);
        }
        assertThat(asked).hasSize(100);
        read("1" + end);
        assertThat(asked).hasSize(101);
        read("99" + end);
        assertThat(asked).hasSize(101);
    }

    @Test
    void longTextsAreNotKept() throws Exception {
        String sql = "SELECT 1" + " ".repeat(4_100);
        read(sql);
        read(sql);
        assertThat(asked).hasSize(2);
    }
}
