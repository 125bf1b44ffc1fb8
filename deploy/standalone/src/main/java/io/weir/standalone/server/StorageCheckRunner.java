package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.standalone.cli.ServeOptions;
import io.weir.standalone.cli.StorageCheckOptions;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.check.CheckOptions;
import io.weir.storage.check.CheckTally;
import io.weir.storage.check.Finding;
import io.weir.storage.check.StorageCheck;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.upkeep.OrphanSettings;
import java.nio.file.Files;
import java.time.Clock;
import java.util.List;
import java.util.function.BiConsumer;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

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
        requireDirectory(options.server());
        try (DataDirectory directory = DataDirectory.open(options.server().data());
                ConfigurableApplicationContext context = StandaloneServer.application(StoppedConfiguration.class)
                        .web(WebApplicationType.NONE)
                        .initializers(made -> {
                            requireCatalog(options.server(), made.getEnvironment());
                            made.getBeanFactory().registerSingleton("dataDirectory", directory);
                        })
                        .run(StandaloneServer.arguments(options.server(), "--logging.level.io.weir=off"))) {
            CheckTally tally = new CheckTally();
            check(context, options)
                    .run(tally)
                    .doOnNext(some -> findings.accept(some, tally))
                    .blockLast();
            return tally;
        }
    }

    private static void requireDirectory(ServeOptions options) {
        if (!Files.isDirectory(options.data())) {
            throw noCatalog(options);
        }
    }

    /** Unless the settings say that the catalog is elsewhere. */
    private static void requireCatalog(ServeOptions options, Environment settings) {
        boolean elsewhere = !settings.getProperty("weir.catalog.url", "").isBlank();
        if (!elsewhere && !Files.isRegularFile(options.data().resolve("catalog.db"))) {
            throw noCatalog(options);
        }
    }

    private static WeirException noCatalog(ServeOptions options) {
        return new WeirException(
                CommonError.CONFIGURATION,
                "there is no catalog in " + options.data() + " (expected: the data directory of a server that ran)");
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
