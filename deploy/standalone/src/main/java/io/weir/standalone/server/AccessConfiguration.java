package io.weir.standalone.server;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.weir.access.AccessService;
import io.weir.access.AccessSignals;
import io.weir.access.AuthSettings;
import io.weir.common.auth.Authenticator;
import io.weir.common.limit.Quotas;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.signal.Signals;
import io.weir.common.supervise.BackgroundLoop;
import io.weir.storage.catalog.AccessCatalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcAccessCatalog;
import io.weir.storage.catalog.setup.CatalogSettings;
import java.time.Clock;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Who may do what on this server: tokens where other machines can reach it, and the limits of organisations. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AuthSettings.class)
class AccessConfiguration {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @Bean
    AccessMode accessMode(AuthSettings settings, @Value("${server.address:}") String address) {
        return AccessMode.of(settings.enabled(), address);
    }

    @Bean
    @DependsOn("catalog")
    AccessCatalog accessCatalog(CatalogSettings catalog, CatalogConnections connections, AuthSettings settings) {
        return new R2dbcAccessCatalog(connections.factory(), catalog.timeout(), settings.auditEntries());
    }

    @Bean(destroyMethod = "close")
    AccessService accessService(
            AccessCatalog catalog,
            AuthSettings settings,
            Quotas quotas,
            ObjectProvider<Signals> signals,
            WeirSchedulers schedulers,
            Clock clock) {
        AccessSignals changes = AccessSignals.over(signals.getIfAvailable(() -> Signals.NONE));
        AccessService access = AccessService.open(catalog, settings, quotas, changes, schedulers, clock)
                .blockOptional(PATIENCE)
                .orElseThrow();
        access.start();
        return access;
    }

    @Bean
    BackgroundLoop tokenCacheSweep(AccessService access) {
        return access.cacheSweep();
    }

    @Bean
    Authenticator authenticator(AccessMode mode, AccessService access) {
        return mode.tokensNeeded() ? access.authenticator() : Authenticator.OPEN;
    }

    @Bean
    MeterBinder accessMetrics(AccessService access) {
        return access.metrics();
    }

    @Bean
    RouterFunction<ServerResponse> accessRoutes(AccessService access) {
        return access.routes();
    }

    /** Gives out the first token before any request can come. */
    @Bean
    FirstToken firstToken(AccessMode mode, AccessService access, DataDirectory directory) {
        FirstToken first = new FirstToken(directory.operatorToken(), System.out);
        if (mode.tokensNeeded()) {
            access.firstToken().blockOptional(PATIENCE).ifPresent(first::give);
        }
        return first;
    }
}
