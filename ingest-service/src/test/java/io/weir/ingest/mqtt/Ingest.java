package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.hot.HotHold;
import io.weir.common.hot.HotPart;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.ingest.IngestService;
import io.weir.ingest.IngestSettings;
import io.weir.ingest.admission.Admission;
import io.weir.ingest.admission.RequestMemory;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.schema.DatabaseSchemas;
import io.weir.ingest.wal.WalSettings;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import reactor.core.publisher.Mono;

/** The real write path in a temporary directory, with a place to make its storing slow or faulty. */
final class Ingest implements RowStore, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final CatalogConnections connections;
    private final IngestService service;
    private final List<MqttSubscriber> subscribers = new ArrayList<>();

    /** What storing a batch goes through. */
    volatile UnaryOperator<Mono<Void>> around = UnaryOperator.identity();

    Ingest(Path directory) {
        this(directory, Map.of());
    }

    /** @param settings of {@code weir.ingest}, besides a flush age that no test reaches */
    Ingest(Path directory, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("weir.ingest.flush-age", "1h"));
        all.putAll(settings);
        connections = CatalogConnections.sqlite(directory.resolve("catalog.db"), 4);
        R2dbcCatalog catalog = new R2dbcCatalog(connections.factory(), Clock.systemUTC(), PATIENCE);
        catalog.migrate().block(PATIENCE);
        Path work;
        try {
            work = Files.createDirectories(directory.resolve("work"));
            Files.createDirectories(directory.resolve("objects"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        service = new IngestService(
                catalog,
                new LocalObjectStore(directory.resolve("objects"), schedulers.io()),
                new IngestService.Places(directory.resolve("wal"), work, ""),
                bind("weir.ingest", IngestSettings.class, all),
                WalSettings.defaults(),
                schedulers,
                Clock.systemUTC());
        service.start();
    }

    static <T> T bind(String prefix, Class<T> type, Map<String, ?> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate(prefix, type);
    }

    /** A started subscriber, stopped when this is closed. */
    MqttSubscriber subscribe(MqttSettings settings) {
        MqttSubscriber subscriber = new MqttSubscriber(settings, this, schedulers, Clock.systemUTC());
        subscribers.add(subscriber);
        subscriber.start();
        return subscriber;
    }

    /** Rows of a measurement, in the order they were stored. */
    List<DecodedRow> rows(String database, String measurement) {
        List<DecodedRow> rows = new ArrayList<>();
        try (HotHold hold = new HotHold()) {
            TableId table = new TableId("default", database, measurement);
            for (HotPart part : service.snapshot(table, hold).block(PATIENCE)) {
                for (ColumnBatch batch : part.batches()) {
                    rows.addAll(DecodedRow.of(batch));
                }
            }
        }
        return rows;
    }

    /** Stops a subscriber and waits until it is. */
    static void stop(MqttSubscriber subscriber) {
        CountDownLatch stopped = new CountDownLatch(1);
        subscriber.stop(stopped::countDown);
        try {
            if (!stopped.await(20, TimeUnit.SECONDS)) {
                throw new AssertionError("the subscriber does not stop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Mono<DatabaseSchemas> open(DatabaseId database) {
        return RowStore.of(service).open(database);
    }

    /** The memory that the write path shares with the subscribers. */
    Admission admission() {
        return service.admission();
    }

    @Override
    public RequestMemory admit(DatabaseId database, long bytes) {
        return RowStore.of(service).admit(database, bytes);
    }

    @Override
    public Mono<Void> store(DatabaseSchemas schemas, List<ColumnBatch> batches, RequestMemory memory) {
        return around.apply(RowStore.of(service).store(schemas, batches, memory));
    }

    @Override
    public MemoryBudget budget() {
        return service.budget();
    }

    @Override
    public void close() {
        subscribers.stream().filter(MqttSubscriber::isRunning).forEach(Ingest::stop);
        service.close();
        schedulers.close();
        connections.close().block(PATIENCE);
    }
}
