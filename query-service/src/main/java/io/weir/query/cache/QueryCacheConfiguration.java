package io.weir.query.cache;

import io.weir.common.cache.SharedCache;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.signal.Signals;
import io.weir.query.engine.QueryProperties;
import io.weir.query.engine.QueryRunner;
import io.weir.query.snapshot.TableResolver;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.Disposable;

/** The cache of results and its upkeep. Needs from outside: the query engine's beans and {@link WeirSchedulers}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QueryCacheSettings.class)
public class QueryCacheConfiguration {

    @Bean
    QueryCache queryCache(
            QueryRunner runner,
            TableResolver tables,
            QueryCacheSettings settings,
            ObjectProvider<SharedCache> second,
            ObjectProvider<Signals> signals) {
        return new QueryCache(
                runner, tables, settings, second.getIfAvailable(), signals.getIfAvailable(() -> Signals.NONE));
    }

    @Bean
    CacheUpkeep cacheUpkeep(QueryCache cache, QueryCacheSettings settings, WeirSchedulers schedulers) {
        return new CacheUpkeep(cache, settings, schedulers.io());
    }

    /** Forgets what other processes have forgotten, until it is closed. */
    @Bean(destroyMethod = "dispose")
    Disposable sharedInvalidations(QueryCache cache) {
        return cache.follow().subscribe();
    }

    @Bean
    CacheWarmer cacheWarmer(QueryCache cache, QueryCacheSettings settings, QueryProperties queries) {
        return new CacheWarmer(
                cache,
                settings.enabled() ? settings.warm() : List.of(),
                settings.warmEvery(),
                queries.allowedRows(),
                queries.timeout());
    }

    @Bean
    CacheMetrics cacheMetrics(QueryCache cache) {
        return new CacheMetrics(cache);
    }
}
