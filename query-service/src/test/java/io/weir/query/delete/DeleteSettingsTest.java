package io.weir.query.delete;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/** What deletes ask before they begin. REQUIREMENTS L3; LESSONS 47. */
class DeleteSettingsTest {

    private static DeleteSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("weir.delete", DeleteSettings.class);
    }

    @Test
    void defaultsAreTheDocumentedOnes() {
        assertThat(bind(Map.of())).isEqualTo(new DeleteSettings(100_000, 0.5, Duration.ofMinutes(2)));
    }

    @Test
    void everyKeyIsRead() {
        assertThat(bind(Map.of(
                        "weir.delete.confirm-rows", "7",
                        "weir.delete.confirm-share", "0.25",
                        "weir.delete.timeout", "3s")))
                .isEqualTo(new DeleteSettings(7, 0.25, Duration.ofSeconds(3)));
    }

    @ParameterizedTest
    @CsvSource({"confirm-rows, -1", "confirm-share, -0.1", "confirm-share, 1.1", "timeout, 0s"})
    void whatCannotBeIsRefusedByName(String key, String value) {
        assertThatThrownBy(() -> bind(Map.of("weir.delete." + key, value)))
                .rootCause()
                .hasMessageContaining("weir.delete." + key + " is ")
                .hasMessageContaining("(expected: ");
    }

    @Test
    void manyRowsOrAGreatShareAreToBeConfirmed() {
        DeleteSettings settings = new DeleteSettings(100, 0.5, Duration.ofSeconds(1));
        new Confirmation(null).require(settings, "it", 50, 100, "#");
        new Confirmation(null).require(settings, "it", 100, 0, "#");
        new Confirmation(51L).require(settings, "it", 51, 100, "#");
        new Confirmation(0L).require(settings, "it", 50, 100, "#");
        assertThatThrownBy(() -> new Confirmation(null).require(settings, "it", 101, 1_000, "confirm=#"))
                .isInstanceOfSatisfying(WeirException.class, e -> {
                    assertThat(e.code()).isEqualTo(DeleteError.CONFIRMATION_NEEDED);
                    assertThat(e.context()).containsEntry("confirm", 101L);
                })
                .hasMessage("it would take 101 rows of 1000 (expected: confirm=101, if that is meant)");
        assertThatThrownBy(() -> new Confirmation(50L).require(settings, "it", 51, 100, "#"))
                .hasMessageContaining("more than the 50 that were confirmed");
    }
}
