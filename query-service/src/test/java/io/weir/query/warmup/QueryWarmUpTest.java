package io.weir.query.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueryWarmUpTest {

    @TempDir
    Path directory;

    @Test
    void queriesArePractisedAndNothingIsLeft() {
        try (DuckDbEngine engine = DuckDbEngine.open(new DuckDbSettings(
                List.of(directory.resolve("data")),
                directory.resolve("spill"),
                256L << 20,
                2,
                2,
                8,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30)))) {
            assertThat(new QueryWarmUp(engine, Duration.ZERO).run()).isZero();
            assertThat(new QueryWarmUp(engine, Duration.ofSeconds(2)).run()).isPositive();
            assertThat(engine.acquired()).isZero();
            assertThat(engine.created()).isEqualTo(engine.destroyed());
        }
    }
}
