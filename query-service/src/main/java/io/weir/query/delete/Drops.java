package io.weir.query.delete;

import io.weir.common.auth.Principal;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.hot.HotArea;
import io.weir.common.hot.HotControl;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.model.TimeRange;
import io.weir.query.snapshot.Freshness;
import io.weir.query.snapshot.Reading;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableResolver;
import io.weir.query.snapshot.TableSize;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Deletes;
import io.weir.storage.catalog.KnownOutcome;
import io.weir.storage.catalog.Lease;
import io.weir.storage.catalog.Leases;
import java.lang.management.ManagementFactory;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/**
 * Drops measurements and databases. Thread-safe; never blocks.
 *
 * <pre>
 *   lease for 30 s ─ every ingest side: no rows for 60 s, flush ─ drop, if the lease is held ─ every ingest side: rows again
 * </pre>
 *
 * Whoever takes rows stops before the drop and knows nothing of the measurement after it, so none of its rows is anywhere but in
 * files that go. The lease is never renewed and began before the ingest sides closed; so when the drop is committed late, after
 * they opened again by themselves, it is refused.
 */
public final class Drops {

    private static final Logger LOG = LoggerFactory.getLogger(Drops.class);
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration CLOSED = LEASE.multipliedBy(2);
    private static final Duration FLUSH_TIME = Duration.ofSeconds(25);
    private static final int MEASURED_AT_ONCE = 8;

    private final TableCatalog catalog;
    private final TableResolver tables;
    private final Deletes deletes;
    private final Leases leases;
    private final HotControl hot;
    private final DeleteSettings settings;
    private final Clock clock;
    private final String holder = ManagementFactory.getRuntimeMXBean().getName();

    /** Drops over these parts of the house. */
    public Drops(
            TableCatalog catalog,
            TableResolver tables,
            Deletes deletes,
            Leases leases,
            HotControl hot,
            DeleteSettings settings,
            Clock clock) {
        this.catalog = catalog;
        this.tables = tables;
        this.deletes = deletes;
        this.leases = leases;
        this.hot = hot;
        this.settings = settings;
        this.clock = clock;
    }

    /**
     * Drops a measurement of exactly that name.
     *
     * @return completes when there is none any more; an error {@code measurement-not-found}, {@code database-not-found}, {@code
     *     confirmation-needed}, {@code conflict} when something of the database is being dropped
     */
    public Mono<Void> measurement(Principal caller, TableId table, Confirmation confirmation) {
        AuditEntry entry = Acts.entry(caller, clock, "measurement.dropped", table.toString(), "");
        return size(table).flatMap(size -> {
            if (!size.table().equals(table)) {
                return Mono.error(noMeasurement(table, size.table().measurement()));
            }
            confirmation.require(settings, "this drop", size.rows(), 0, "query parameter confirm=#");
            return during(HotArea.of(table), lease -> deletes.drop(table, lease, entry));
        });
    }

    /** Drops a database with its measurements; otherwise like {@link #measurement}, {@code database-not-found} when there is none. */
    public Mono<Void> database(Principal caller, DatabaseId database, Confirmation confirmation) {
        AuditEntry entry = Acts.entry(caller, clock, "database.dropped", database.toString(), "");
        return tables.requireDatabase(database)
                .then(Mono.defer(() -> catalog.measurements(database)
                        .flatMap(name -> size(database.table(name)), MEASURED_AT_ONCE)
                        .map(TableSize::rows)
                        .reduce(0L, Long::sum)))
                .flatMap(rows -> {
                    confirmation.require(settings, "this drop", rows, 0, "query parameter confirm=#");
                    return during(new HotArea(database, null), lease -> deletes.drop(database, lease, entry));
                });
    }

    private Mono<TableSize> size(TableId table) {
        return tables.size(table.databaseId(), table.measurement(), Reading.ofTimes(TimeRange.ALL, Freshness.VISIBLE));
    }

    private static WeirException noMeasurement(TableId table, String meant) {
        return new WeirException(
                CommonError.MEASUREMENT_NOT_FOUND,
                "measurement \"" + table.measurement() + "\" does not exist (expected: its name in its own case, \""
                        + meant + "\")",
                Map.of("measurement", table.measurement()));
    }

    private Mono<Void> during(HotArea area, Function<Lease, Mono<Boolean>> drop) {
        Mono<Lease> lease = leases.acquire("drop/" + area.database(), holder, LEASE)
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        CommonError.CONFLICT,
                        "something of database " + area.database().database()
                                + " is being dropped (expected: one at a time)")));
        return Mono.usingWhen(
                        lease,
                        held -> hot.close(area, CLOSED)
                                .timeout(FLUSH_TIME, Acts.notFlushed(area.toString()))
                                .then(Mono.defer(() -> KnownOutcome.of(drop.apply(held)))),
                        held -> hot.reopen(area)
                                .doOnError(e -> LOG.warn(
                                        "{} takes no rows for up to {}, because an ingest replica was not told",
                                        area,
                                        CLOSED,
                                        e))
                                .onErrorComplete()
                                .then(leases.release(held).onErrorComplete()))
                .doOnNext(dropped -> LOG.info("{} {}", area, dropped ? "is dropped" : "was dropped already"))
                .then();
    }
}
