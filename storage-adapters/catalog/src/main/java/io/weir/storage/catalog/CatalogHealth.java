package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Whether the catalog's database answers, by asking it: a check is shared by all who ask while it runs and for a moment
 * after. Thread-safe; never blocks.
 */
public final class CatalogHealth {

    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final AtomicInteger failures = new AtomicInteger();
    private final Mono<Status> check;

    /**
     * What a check found.
     *
     * @param ok whether it answered
     * @param failures checks in a row that failed
     */
    public record Status(boolean ok, int failures) {}

    /** The health of that database. */
    public CatalogHealth(ConnectionFactory connections) {
        DatabaseClient client = DatabaseClient.create(connections);
        this.check = new Transactions(connections, LONGEST)
                .read(
                        "answer",
                        client.sql("SELECT 1").map(row -> Rows.number(row, 0)).one())
                .map(one -> status(true))
                .onErrorResume(e -> Mono.just(status(false)))
                .cache(FRESH);
    }

    private Status status(boolean ok) {
        return new Status(ok, ok ? failures.updateAndGet(any -> 0) : failures.incrementAndGet());
    }

    /** Checks it, within two seconds; never an error. */
    public Mono<Status> status() {
        return check;
    }
}
