package io.weir.common.hot;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.model.TimeRange;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HotScopeTest {

    @Test
    void columnsAreMeantByTheirQueryNames() {
        HotScope scope = new HotScope(TimeRange.ALL, Set.of("v", "cpu_12", "a_b"));
        assertThat(scope.mayMean("V")).isTrue();
        assertThat(scope.mayMean("v")).isTrue();
        assertThat(scope.mayMean("CPU"))
                .as("cpu_12 may be the twelfth that is called so")
                .isTrue();
        assertThat(scope.mayMean("a")).as("b is no number").isFalse();
        assertThat(scope.mayMean("cp")).isFalse();
        assertThat(scope.mayMean("")).isFalse();
        assertThat(scope.mayMean("Ä")).isFalse();
        assertThat(HotScope.ALL.mayMean("anything")).isTrue();
        assertThat(new HotScope(TimeRange.ALL, Set.of()).mayMean("v")).isFalse();
    }
}
