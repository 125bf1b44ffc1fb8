package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.access.AccessService;
import io.weir.access.AccessSignals;
import io.weir.access.AuthSettings;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.limit.Quotas;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.standalone.cli.ServeOptions;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcAccessCatalog;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.catalog.setup.CatalogSettings;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Makes an operator's token in the catalog of a server that is stopped, with that server's settings. */
public final class TokenRecoveryRunner {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private TokenRecoveryRunner() {}

    /** The catalog, and nothing else that is not asked for. */
    @Configuration(proxyBeanMethods = false)
    @Import(StorageConfiguration.class)
    @EnableConfigurationProperties(AuthSettings.class)
    static class StoppedConfiguration {

        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }
    }

    /**
     * Makes a token of that name.
     *
     * @throws RuntimeException when it could not be made
     */
    public static String recover(ServeOptions server, String name) {
        if (!Files.isDirectory(server.data())) {
            throw new WeirException(
                    CommonError.CONFIGURATION,
                    "there is no data directory " + server.data() + " (expected: that of a server that ran)");
        }
        try (DataDirectory directory = DataDirectory.open(server.data());
                ConfigurableApplicationContext context = StandaloneServer.application(StoppedConfiguration.class)
                        .web(WebApplicationType.NONE)
                        .lazyInitialization(true)
                        .initializers(made -> made.getBeanFactory().registerSingleton("dataDirectory", directory))
                        .run(StandaloneServer.arguments(server, "--logging.level.io.weir=off"))) {
            return recover(context, name);
        }
    }

    private static String recover(ConfigurableApplicationContext context, String name) {
        context.getBean(R2dbcCatalog.class); // migrates
        AuthSettings settings = context.getBean(AuthSettings.class);
        R2dbcAccessCatalog catalog = new R2dbcAccessCatalog(
                context.getBean(CatalogConnections.class).factory(),
                context.getBean(CatalogSettings.class).timeout(),
                settings.auditEntries());
        return AccessService.open(
                        catalog,
                        settings,
                        new Quotas(System::nanoTime),
                        AccessSignals.NONE,
                        context.getBean(WeirSchedulers.class),
                        context.getBean(Clock.class))
                .flatMap(access -> access.recoveredToken(name))
                .blockOptional(PATIENCE)
                .orElseThrow();
    }
}
