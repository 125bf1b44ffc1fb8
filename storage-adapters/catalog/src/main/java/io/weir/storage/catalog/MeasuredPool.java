package io.weir.storage.catalog;

import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import io.r2dbc.spi.ConnectionFactoryMetadata;
import io.weir.common.observe.StageTimer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/** A pool of connections with the times of what is done over them, whoever does it. Thread-safe. */
final class MeasuredPool implements ConnectionFactory {

    private static final String NAME = "weir.catalog.operations";
    private static final String DESCRIPTION =
            "operations of the catalog, repetitions and waiting for a connection included";

    private final ConnectionFactory pool;
    private final StageTimer done = new StageTimer(NAME, DESCRIPTION, "outcome", "ok");
    private final StageTimer failed = new StageTimer(NAME, DESCRIPTION, "outcome", "failed");

    MeasuredPool(ConnectionFactory pool) {
        this.pool = pool;
    }

    /** Where an operation over those connections is to be told of; null for those that nobody measures. */
    static @Nullable MeasuredPool of(ConnectionFactory connections) {
        return connections instanceof MeasuredPool measured ? measured : null;
    }

    void ended(boolean ok, long startNanos) {
        (ok ? done : failed).recordSince(startNanos);
    }

    List<StageTimer> timers() {
        return List.of(done, failed);
    }

    @Override
    public Publisher<? extends Connection> create() {
        return pool.create();
    }

    @Override
    public ConnectionFactoryMetadata getMetadata() {
        return pool.getMetadata();
    }
}
