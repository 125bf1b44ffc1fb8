package io.weir.common.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LESSONS 59. */
class NamesTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "iot", "Plant-7_north", "x0"})
    void goodDatabaseNamesPass(String name) {
        assertThat(Names.requireDatabase(name)).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "7up", "_internal", "a.b", "a/b", "..", "ä", "a b", "system", "internal", "a\u0000"})
    void badDatabaseNamesAreRefusedWithTheirName(String name) {
        assertThatThrownBy(() -> Names.requireDatabase(name))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.INVALID_NAME));
    }

    @Test
    void databaseNamesEndAtSixtyFourCharacters() {
        assertThat(Names.requireDatabase("a".repeat(64))).hasSize(64);
        assertThatThrownBy(() -> Names.requireDatabase("a".repeat(65))).isInstanceOf(WeirException.class);
    }

    @Test
    void measurementsMayHoldAnythingButControlCharacters() {
        assertThat(Names.measurementFault("cpu load/é..%")).isNull();
        assertThat(Names.measurementFault("..")).isNull();
        assertThat(Names.measurementFault("_hidden")).contains("reserved");
        assertThat(Names.measurementFault("a\nb")).contains("control character at position 2");
        assertThat(Names.measurementFault("é".repeat(64))).isNull();
        assertThat(Names.measurementFault("é".repeat(65))).contains("longer than 128 bytes");
    }
}
