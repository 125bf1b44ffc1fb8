package io.weir.ingest.warmup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.MessagePackDecoder;
import io.weir.ingest.decode.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class WarmUpTest {

    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);

    @TempDir
    Path work;

    @AfterEach
    void close() {
        schedulers.close();
    }

    private WarmUp warmUp(Duration duration, Path directory) {
        return new WarmUp(new WarmUpSettings(duration), schedulers, directory);
    }

    @Test
    void practiceWritesAreAnsweredAndNothingOfThemIsLeft() throws IOException {
        assertThat(warmUp(Duration.ofMillis(200), work).run()).isGreaterThanOrEqualTo(2);
        try (var left = Files.list(work)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void packedBodiesAreWellFormed() throws IOException {
        for (PracticeBody body : PracticeBodies.all()) {
            if (body.target.contains("/msgpack")) {
                MessagePackDecoder decoder = new MessagePackDecoder(DecodeOptions.of(Precision.AUTO, 0));
                assertThat(decoder.decode(body.bytes, 0, body.bytes.length).acceptedRows())
                        .isIn(20L, 5_000L);
            }
        }
    }

    @Test
    void noDurationMeansNoPractice() throws IOException {
        assertThat(warmUp(Duration.ZERO, work).run()).isZero();
        try (var left = Files.list(work)) {
            assertThat(left).isEmpty();
        }
    }

    /** LESSONS 14: a start needs no free space, and no practice either. */
    @Test
    void practiceThatCannotBeginDoesNotFailTheStart() throws IOException {
        Path file = Files.writeString(work.resolve("file"), "where a directory is expected");
        assertThat(warmUp(Duration.ofSeconds(1), file).run()).isZero();
    }

    @Test
    void theDurationIsASettingAndTenSecondsUnlessSaid() {
        assertThat(bind(Map.of()).duration()).isEqualTo(Duration.ofSeconds(10));
        assertThat(bind(Map.of("weir.warm-up.duration", "250ms")).duration()).isEqualTo(Duration.ofMillis(250));
    }

    @Test
    void aNegativeOrEndlessDurationIsRefusedByName() {
        assertThatThrownBy(() -> new WarmUpSettings(Duration.ofSeconds(-1)))
                .hasMessage("weir.warm-up.duration is PT-1S (expected: 0 to 5 minutes)");
        assertThatThrownBy(() -> new WarmUpSettings(Duration.ofMinutes(6)))
                .hasMessageContaining("weir.warm-up.duration is PT6M");
    }

    private static WarmUpSettings bind(Map<String, String> settings) {
        return new Binder(new MapConfigurationPropertySource(settings))
                .bindOrCreate("weir.warm-up", WarmUpSettings.class);
    }
}
