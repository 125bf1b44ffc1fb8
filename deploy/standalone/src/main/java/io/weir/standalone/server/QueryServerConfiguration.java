package io.weir.standalone.server;

import io.weir.common.live.RowBus;
import io.weir.common.live.RowFeed;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.query.remote.RemoteConfiguration;
import io.weir.query.tail.TailSettings;
import io.weir.storage.live.BusFeed;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The query service alone, with the hot rows of ingest replicas. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({SharedConfiguration.class, QueryRoleConfiguration.class, RemoteConfiguration.class})
class QueryServerConfiguration {

    /** Rows come from ingest replicas where a bus connects them. */
    @Bean
    RowFeed rowFeed(ObjectProvider<RowBus> bus, TailSettings settings, WeirSchedulers schedulers) {
        RowBus connected = bus.getIfAvailable();
        return connected == null
                ? RowFeed.broken("nothing brings rows of ingest replicas to this query replica"
                        + " (expected: replicas with a row bus, or a standalone server)")
                : new BusFeed(connected, settings.busBudget(), schedulers.tail());
    }
}
