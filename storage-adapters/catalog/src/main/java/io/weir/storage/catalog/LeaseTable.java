package io.weir.storage.catalog;

import io.weir.common.error.WeirException;
import java.time.Duration;
import java.util.Map;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Statements over leases. A row stays a while when its lease ends; the first token of a name is the time, so that tokens go on
 * when a name comes back whose row was forgotten. Runs in the caller's transaction.
 */
final class LeaseTable {

    private static final String HELD = " WHERE name = :name AND token = :token AND expires_micros > ";

    private final DatabaseClient client;
    private final String now;

    LeaseTable(DatabaseClient client, SqlDialect dialect) {
        this.client = client;
        this.now = dialect.nowMicros();
    }

    Mono<Lease> acquire(String name, String holder, Duration time) {
        return client.sql("INSERT INTO leases (name, holder, token, expires_micros) VALUES (:name, :holder, "
                        + now + ", " + now + " + :micros) ON CONFLICT (name) DO UPDATE SET holder = excluded.holder,"
                        + " token = leases.token + 1, expires_micros = excluded.expires_micros"
                        + " WHERE leases.expires_micros <= " + now + " RETURNING token")
                .bind("name", name)
                .bind("holder", holder)
                .bind("micros", micros(time))
                .map(row -> new Lease(name, holder, Rows.number(row, 0)))
                .one();
    }

    Mono<Void> renew(Lease lease, Duration time) {
        return requireHeld(
                lease,
                client.sql("UPDATE leases SET expires_micros = " + now + " + :micros" + HELD + now)
                        .bind("micros", micros(time)));
    }

    Mono<Void> release(Lease lease) {
        return client.sql("UPDATE leases SET expires_micros = " + now + " WHERE name = :name AND token = :token")
                .bind("name", lease.name())
                .bind("token", lease.token())
                .then();
    }

    /** Fails with {@code lease-lost} unless it is held, and keeps others from taking it until the transaction ends. */
    Mono<Void> requireHeld(Lease lease) {
        return requireHeld(lease, client.sql("UPDATE leases SET holder = holder" + HELD + now));
    }

    /** Forgets leases that ended so long ago that no clock was set back as far. */
    Mono<Long> forget(Duration ago) {
        return client.sql("DELETE FROM leases WHERE expires_micros < " + now + " - :micros")
                .bind("micros", micros(ago))
                .fetch()
                .rowsUpdated();
    }

    private static Mono<Void> requireHeld(Lease lease, DatabaseClient.GenericExecuteSpec update) {
        return update.bind("name", lease.name())
                .bind("token", lease.token())
                .fetch()
                .rowsUpdated()
                .filter(rows -> rows == 1)
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        CatalogError.LEASE_LOST,
                        "lease " + lease.name() + " of " + lease.holder() + " with token " + lease.token()
                                + " is not held any more",
                        Map.of("lease", lease.name()))))
                .then();
    }

    private static long micros(Duration time) {
        return time.toNanos() / 1000;
    }
}
