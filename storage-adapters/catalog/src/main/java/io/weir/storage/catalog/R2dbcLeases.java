package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Leases in the catalog's database, whose tables {@link Catalog#migrate} makes. Does not own the connection factory. */
public final class R2dbcLeases implements Leases {

    private final Transactions transactions;
    private final LeaseTable leases;

    /**
     * Leases in that database.
     *
     * @param connections pooled connections; closed by whoever made them
     * @param timeout longest an operation may take, retries included
     */
    public R2dbcLeases(ConnectionFactory connections, Duration timeout) {
        this.transactions = new Transactions(connections, timeout);
        this.leases = new LeaseTable(DatabaseClient.create(connections), SqlDialect.of(connections));
    }

    @Override
    public Mono<Lease> acquire(String name, String holder, Duration time) {
        return transactions.write("acquire lease " + name, leases.acquire(name, holder, time));
    }

    @Override
    public Mono<Void> renew(Lease lease, Duration time) {
        return transactions.write("renew lease " + lease.name(), leases.renew(lease, time));
    }

    @Override
    public Mono<Void> release(Lease lease) {
        return transactions.write("release lease " + lease.name(), leases.release(lease));
    }
}
