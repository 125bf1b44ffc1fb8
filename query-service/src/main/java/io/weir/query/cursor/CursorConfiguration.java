package io.weir.query.cursor;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.query.engine.QueryDirectories;
import io.weir.query.engine.QueryRunner;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Results that are read page by page. Needs from outside: the query engine's beans and {@link WeirSchedulers}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(CursorSettings.class)
public class CursorConfiguration {

    /** Files beside the engine's own spilling, which is emptied when the engine starts, before this. */
    @Bean
    Cursors cursors(
            QueryRunner runner,
            CursorSettings settings,
            QueryDirectories directories,
            WeirSchedulers schedulers,
            ObjectProvider<Clock> clock) {
        return new Cursors(
                runner,
                settings,
                directories.spill().resolve("cursors"),
                schedulers.io(),
                clock.getIfAvailable(Clock::systemUTC));
    }

    @Bean
    CursorSweep cursorSweep(Cursors cursors, CursorSettings settings, WeirSchedulers schedulers) {
        return new CursorSweep(cursors, settings.sweep(), schedulers.io());
    }

    @Bean
    CursorMetrics cursorMetrics(Cursors cursors) {
        return new CursorMetrics(cursors);
    }
}
