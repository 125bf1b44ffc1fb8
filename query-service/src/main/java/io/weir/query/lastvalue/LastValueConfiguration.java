package io.weir.query.lastvalue;

import io.weir.common.hot.HotRows;
import io.weir.query.snapshot.TableCatalog;
import io.weir.storage.duckdb.DuckDbEngine;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The newest rows of each series for queries. Needs from outside: {@link FileLog}, {@link TableCatalog}, {@link HotRows}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnBooleanProperty(name = "weir.last-values.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LastValueProperties.class)
public class LastValueConfiguration {

    /** Knows nothing of hot rows, since the ingest side tells it of flushes. */
    @Bean
    LastValueStore lastValueStore(LastValueProperties properties) {
        return new LastValueStore(properties);
    }

    @Bean(destroyMethod = "close")
    LastValues lastValues(
            LastValueProperties properties,
            LastValueStore store,
            HotRows hotRows,
            FileLog log,
            TableCatalog catalog,
            DuckDbEngine engine) {
        return new LastValues(properties, store, hotRows, log, catalog, engine);
    }

    @Bean
    LastValueMetrics lastValueMetrics(LastValueStore store, LastValues values) {
        return new LastValueMetrics(store, values);
    }
}
