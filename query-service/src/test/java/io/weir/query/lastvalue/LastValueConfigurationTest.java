package io.weir.query.lastvalue;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.hot.FlushListener;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotRows;
import io.weir.common.model.TableId;
import io.weir.query.TestTables;
import io.weir.query.snapshot.FileRef;
import io.weir.query.snapshot.TableCatalog;
import io.weir.storage.duckdb.DuckDbEngine;
import io.weir.storage.duckdb.DuckDbSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import reactor.core.publisher.Mono;

/** The setting that turns newest rows off turns everything of them off. LESSONS 47. */
class LastValueConfigurationTest {

    @TempDir
    Path directory;

    /** A catalog without measurements. */
    private static final FileLog NOTHING = new FileLog() {
        @Override
        public Mono<FileProgress> since(TableId table, long sequence, Collection<String> hotFlushIds) {
            return Mono.empty();
        }

        @Override
        public Mono<List<FileRef>> added(TableId table, Collection<String> flushIds, HotHold hold) {
            return Mono.empty();
        }
    };

    private ApplicationContextRunner context() {
        DuckDbSettings settings = new DuckDbSettings(
                List.of(directory.resolve("disks")),
                directory.resolve("spill"),
                64L << 20,
                1,
                1,
                1,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30));
        return new ApplicationContextRunner()
                .withUserConfiguration(LastValueConfiguration.class)
                .withBean(HotRows.class, () -> HotRows.NONE)
                .withBean(FileLog.class, () -> NOTHING)
                .withBean(TableCatalog.class, () -> new TestTables(directory))
                .withBean(DuckDbEngine.class, () -> DuckDbEngine.open(settings));
    }

    @Test
    void theyAreKeptUnlessTheSettingSaysNo() {
        context().run(running -> {
            assertThat(running).hasSingleBean(LastValueTables.class).hasSingleBean(FlushListener.class);
        });
        context().withPropertyValues("weir.last-values.enabled=false").run(running -> {
            assertThat(running).doesNotHaveBean(LastValueTables.class).doesNotHaveBean(FlushListener.class);
            assertThat(running).doesNotHaveBean(LastValueMetrics.class);
        });
    }
}
