package io.weir.query.cache;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.query.engine.QueryProperties;
import io.weir.query.engine.QueryRunner;
import io.weir.query.snapshot.TableResolver;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The cache of results and its upkeep. Needs from outside: the query engine's beans and {@link WeirSchedulers}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(QueryCacheSettings.class)
public class QueryCacheConfiguration {

    @Bean
    QueryCache queryCache(QueryRunner runner, TableResolver tables, QueryCacheSettings settings) {
        return new QueryCache(runner, tables, settings);
    }

    @Bean
    CacheUpkeep cacheUpkeep(
            QueryCache cache, QueryCacheSettings settings, QueryProperties queries, WeirSchedulers schedulers) {
        return new CacheUpkeep(cache, settings, queries, schedulers.io());
    }

    @Bean
    CacheMetrics cacheMetrics(QueryCache cache) {
        return new CacheMetrics(cache);
    }
}
