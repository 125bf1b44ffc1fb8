package io.weir.ingest.edge;

import io.weir.common.http.EdgeConfiguration;
import io.weir.common.observe.MetricsConfiguration;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestConfiguration;
import io.weir.ingest.IngestService;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.object.LocalObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The ingest service alone on a real port, over a directory. */
final class IngestServer implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ConfigurableApplicationContext context;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({EdgeConfiguration.class, MetricsConfiguration.class, IngestConfiguration.class})
    static class Application {

        @Bean
        Clock clock() {
            return Clock.systemUTC();
        }

        @Bean(destroyMethod = "close")
        WeirSchedulers schedulers() {
            return WeirSchedulers.forCores(2);
        }

        @Bean(destroyMethod = "")
        CatalogConnections connections(Path directory) {
            return CatalogConnections.sqlite(directory.resolve("catalog.db"), 2);
        }

        @Bean
        Catalog catalog(CatalogConnections connections, Clock clock) {
            Catalog catalog = new R2dbcCatalog(connections.factory(), clock, PATIENCE);
            catalog.migrate().block(PATIENCE);
            return catalog;
        }

        @Bean
        SwitchedStore store(Path directory, WeirSchedulers schedulers) {
            return new SwitchedStore(new LocalObjectStore(made(directory.resolve("objects")), schedulers.io()));
        }

        @Bean
        IngestService.Places places(Path directory) {
            return new IngestService.Places(directory.resolve("wal"), made(directory.resolve("work")), "");
        }

        private static Path made(Path directory) {
            try {
                return Files.createDirectories(directory);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    IngestServer(Path directory, String... settings) {
        List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--spring.main.banner-mode=off"));
        for (String setting : settings) {
            arguments.add("--" + setting);
        }
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.REACTIVE)
                .initializers(made -> made.getBeanFactory().registerSingleton("directory", directory))
                .run(arguments.toArray(String[]::new));
    }

    int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    IngestService ingest() {
        return context.getBean(IngestService.class);
    }

    SwitchedStore store() {
        return context.getBean(SwitchedStore.class);
    }

    /** Waits until that is so. */
    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not so within " + PATIENCE);
            }
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        CatalogConnections connections = context.getBean(CatalogConnections.class);
        context.close();
        connections.close().block(PATIENCE);
    }
}
