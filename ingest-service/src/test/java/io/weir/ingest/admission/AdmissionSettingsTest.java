package io.weir.ingest.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class AdmissionSettingsTest {

    private static AdmissionSettings bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values))
                .bindOrCreate("weir.ingest", AdmissionSettings.class);
    }

    @Test
    void defaultsAreSharesOfTheMemory() {
        AdmissionSettings settings = bind(Map.of());
        assertThat(settings).isEqualTo(AdmissionSettings.DEFAULT);
        assertThat(settings.organisationBytes(1_000)).isEqualTo(1_000);
        assertThat(settings.requestBytes(1_000)).isEqualTo(500);
        assertThat(settings.bufferBytes(1_000)).isEqualTo(800);
    }

    @Test
    void everyKeyIsBoundAndNoneReachesBeyondTheMemory() {
        AdmissionSettings settings = bind(Map.of(
                "weir.ingest.memory-per-organisation", "3MB",
                "weir.ingest.memory-per-request", "2MB",
                "weir.ingest.memory-for-buffers", "1MB"));
        assertThat(settings)
                .isEqualTo(new AdmissionSettings(
                        DataSize.ofMegabytes(3), DataSize.ofMegabytes(2), DataSize.ofMegabytes(1)));
        assertThat(settings.organisationBytes(8 << 20)).isEqualTo(3 << 20);
        assertThat(settings.requestBytes(8 << 20)).isEqualTo(2 << 20);
        assertThat(settings.bufferBytes(8 << 20)).isEqualTo(1 << 20);
        assertThat(settings.organisationBytes(1_000)).isEqualTo(1_000);
    }

    @Test
    void whatAllowsNothingIsRefusedByItsKey() {
        DataSize nothing = DataSize.ofBytes(0);
        assertThatThrownBy(() -> new AdmissionSettings(nothing, null, null))
                .hasMessage("weir.ingest.memory-per-organisation is 0B (expected: more than 0)");
        assertThatThrownBy(() -> new AdmissionSettings(null, nothing, null))
                .hasMessage("weir.ingest.memory-per-request is 0B (expected: more than 0)");
        assertThatThrownBy(() -> new AdmissionSettings(null, null, nothing))
                .hasMessage("weir.ingest.memory-for-buffers is 0B (expected: more than 0)");
    }
}
