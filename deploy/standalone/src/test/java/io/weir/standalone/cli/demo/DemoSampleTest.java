package io.weir.standalone.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class DemoSampleTest {

    @Test
    void theShippedFileIsWhatTheGeneratorMakes() throws IOException {
        try (InputStream shipped = DemoSample.open()) {
            String text = new String(shipped.readAllBytes(), StandardCharsets.UTF_8);
            // Not by an assertion on both texts: a difference would print megabytes.
            assertThat(text.equals(SampleFleet.lines()))
                    .as("run SampleFleet.main on src/main/resources" + DemoSample.RESOURCE)
                    .isTrue();
        }
    }

    @Test
    void nothingStoredLacksEverything() {
        DemoSample.Missing missing = DemoSample.missing(Map.of());

        assertThat(missing.rows()).isEqualTo(missing.sampleRows()).isEqualTo(66_178);
        assertThat(rowsByMeasurement(missing).keySet()).containsExactlyInAnyOrderElementsOf(DemoSample.MEASUREMENTS);
    }

    @Test
    void anInterruptedDemoIsTakenUpWhereItStopped() {
        Map<String, Long> whole = rowsByMeasurement(DemoSample.missing(Map.of()));
        DemoSample.Missing missing = DemoSample.missing(Map.of("truck", 10_000L, "cargo", 9_500L, "depot", 0L));

        assertThat(missing.rows()).isEqualTo(missing.sampleRows() - 19_500);
        assertThat(rowsByMeasurement(missing))
                .containsEntry("truck", whole.get("truck") - 10_000)
                .containsEntry("cargo", whole.get("cargo") - 9_500)
                .containsEntry("depot", whole.get("depot"));
    }

    @Test
    void aCompleteDemoLacksNothing() {
        Map<String, Long> whole = rowsByMeasurement(DemoSample.missing(Map.of()));

        assertThat(DemoSample.missing(whole).rows()).isZero();
    }

    @Test
    void thereAreFiveQueries() {
        assertThat(DemoQuery.ALL)
                .hasSize(5)
                .allSatisfy(query -> assertThat(query.sql()).doesNotContain(";"));
    }

    private static Map<String, Long> rowsByMeasurement(DemoSample.Missing missing) {
        return new String(missing.bytes().array(), StandardCharsets.UTF_8)
                .lines()
                .collect(Collectors.groupingBy(
                        line -> line.substring(0, line.indexOf(',')), TreeMap::new, Collectors.counting()));
    }
}
