package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.standalone.cli.StorageCheckOptions;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.check.CheckOptions;
import io.weir.storage.check.CheckTally;
import io.weir.storage.check.Finding;
import io.weir.storage.check.StorageCheck;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.upkeep.OrphanSettings;
import java.time.Clock;
import java.util.List;
import java.util.function.BiConsumer;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Checks the store of a data directory whose server is stopped, with that server's settings. */
public final class StorageCheckRunner {

    private StorageCheckRunner() {}

    /** The catalog and the store, and nothing of a server. */
    @Configuration(proxyBeanMethods = false)
    @Import(StorageConfiguration.class)
    @EnableConfigurationProperties(OrphanSettings.class)
    static class StoppedConfiguration {

        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }
    }

    /**
     * Checks everything.
     *
     * @param findings is given what was found since it was last called, and how far the check is
     * @throws RuntimeException when it could not be checked
     */
    public static CheckTally check(StorageCheckOptions options, BiConsumer<List<Finding>, CheckTally> findings) {
        return StoppedServer.with(options.server(), StoppedConfiguration.class, context -> {
            CheckTally tally = new CheckTally();
            check(context, options)
                    .run(tally)
                    .doOnNext(some -> findings.accept(some, tally))
                    .blockLast();
            return tally;
        });
    }

    private static StorageCheck check(ConfigurableApplicationContext context, StorageCheckOptions options) {
        return new StorageCheck(
                context.getBean(ObjectStore.class),
                context.getBean(CatalogUpkeep.class),
                new CheckOptions(
                        context.getBean(OrphanSettings.class).grace(),
                        options.checksums(),
                        options.repair(),
                        options.dropMissing()),
                context.getBean(Clock.class),
                context.getBean(WeirSchedulers.class).io());
    }
}
