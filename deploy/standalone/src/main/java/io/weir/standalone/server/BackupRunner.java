package io.weir.standalone.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.common.supervise.Supervisor;
import io.weir.ingest.IngestService;
import io.weir.ingest.IngestServiceConfiguration;
import io.weir.standalone.cli.OfflineBackups;
import io.weir.standalone.cli.ServeOptions;
import io.weir.storage.backup.Backup;
import io.weir.storage.backup.BackupPlace;
import io.weir.storage.backup.CopyTally;
import io.weir.storage.backup.Restore;
import io.weir.storage.backup.RestoreReport;
import io.weir.storage.backup.RestoreRequest;
import io.weir.storage.catalog.CatalogUpkeep;
import io.weir.storage.catalog.R2dbcCatalog;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.setup.StorageSettings;
import io.weir.storage.setup.StorePlace;
import io.weir.storage.upkeep.ReaderPresence;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Backs up and restores the data of a server that is stopped. What its log has is brought into files first. */
public final class BackupRunner implements OfflineBackups {

    private static final long PROGRESS_MILLIS = 200;
    private static final Duration LIST_PATIENCE = Duration.ofMinutes(1);
    private static final Duration FLUSH_PATIENCE = Duration.ofMinutes(30);

    /** The catalog and the store. */
    @Configuration(proxyBeanMethods = false)
    @Import(StorageConfiguration.class)
    static class StoreConfiguration {

        @Bean
        MeterRegistry meterRegistry() {
            return new SimpleMeterRegistry();
        }
    }

    /** And what brings the rows of the log into files. */
    @Configuration(proxyBeanMethods = false)
    @Import({StoreConfiguration.class, IngestServiceConfiguration.class})
    static class IngestingConfiguration {

        @Bean
        IngestService.Places ingestPlaces(DataDirectory directory) {
            return IngestRoleConfiguration.places(directory);
        }
    }

    @Override
    public Made backup(ServeOptions server, String place, Consumer<CopyTally> progress) {
        return StoppedServer.with(
                server,
                IngestingConfiguration.class,
                context -> at(context, place, there -> {
                    CopyTally tally = new CopyTally();
                    try (ReaderPresence readers = new ReaderPresence(
                                    context.getBean(CatalogUpkeep.class),
                                    UUID.randomUUID().toString(),
                                    ReaderPresence.INTERVAL,
                                    ReaderPresence.LEASE);
                            Supervisor renewing = new Supervisor(
                                    List.of(readers),
                                    Schedulers.parallel(),
                                    context.getBean(Clock.class),
                                    context.getBean(MeterRegistry.class))) {
                        renewing.start();
                        Backup backup = new Backup(
                                context.getBean(R2dbcCatalog.class).contents(),
                                context.getBean(ObjectStore.class),
                                readers,
                                context.getBean(IngestService.class).flush(),
                                context.getBean(DataDirectory.class).work(),
                                context.getBean(Clock.class),
                                context.getBean(WeirSchedulers.class).io());
                        String id = backup.newId();
                        return await(
                                backup.run(id, there, tally).map(contents -> new Made(id, contents)),
                                () -> progress.accept(tally));
                    }
                }));
    }

    @Override
    public RestoreReport restore(
            ServeOptions server, String place, RestoreRequest request, Consumer<CopyTally> progress) {
        return StoppedServer.making(
                server,
                IngestingConfiguration.class,
                context -> at(context, place, there -> {
                    CopyTally tally = new CopyTally();
                    Restore restore = new Restore(
                            context.getBean(R2dbcCatalog.class).contents(),
                            context.getBean(CatalogUpkeep.class),
                            context.getBean(ObjectStore.class),
                            context.getBean(DataDirectory.class).work(),
                            context.getBean(Clock.class),
                            context.getBean(WeirSchedulers.class).io());
                    // Rows that are only in the log would otherwise come back beside those that replace them.
                    Mono<Void> flushed =
                            context.getBean(IngestService.class).flush().timeout(FLUSH_PATIENCE);
                    return await(flushed.then(restore.run(there, request, tally)), () -> progress.accept(tally));
                }));
    }

    @Override
    public List<String> list(ServeOptions server, String place) {
        return StoppedServer.making(
                server,
                StoreConfiguration.class,
                context -> at(
                        context,
                        place,
                        there -> there.ids()
                                .collectList()
                                .blockOptional(LIST_PATIENCE)
                                .orElseThrow()));
    }

    private static <T> T at(ConfigurableApplicationContext context, String url, Function<BackupPlace, T> work) {
        try (StorePlace place = StorePlace.open(
                context.getBean(StorageSettings.class),
                url,
                context.getBean(WeirSchedulers.class).io())) {
            return work.apply(new BackupPlace(place.objects(), !place.local(), place.name()));
        }
    }

    private static <T> T await(Mono<T> work, Runnable progress) {
        CompletableFuture<T> result = work.toFuture();
        try {
            while (true) {
                try {
                    T done = result.get(PROGRESS_MILLIS, TimeUnit.MILLISECONDS);
                    progress.run();
                    return done;
                } catch (TimeoutException e) {
                    progress.run();
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } finally {
            result.cancel(true);
        }
    }
}
