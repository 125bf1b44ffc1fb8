package io.weir.storage.catalog;

import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Statements that queue partitions for compaction. Runs in whatever transaction the caller opened. */
final class PartitionQueue {

    private final DatabaseClient client;

    PartitionQueue(DatabaseClient client) {
        this.client = client;
    }

    private record Key(long measurement, PartitionTier tier, long start) {}

    /** The changes of one transaction. */
    static final class Changes {

        private final Map<Key, Long> counts = new LinkedHashMap<>();

        /** A file of that measurement came. */
        void add(long measurement, DataFile file) {
            long start = PartitionTier.HOUR.startOf(file.minMicros());
            counts.merge(new Key(measurement, PartitionTier.HOUR, start), 1L, Long::sum);
        }
    }

    /** Queues the partitions of those changes. */
    Mono<Void> add(Changes changes, long nowMicros) {
        BulkInsert rows = new BulkInsert(
                        "compaction_queue",
                        "measurement_id",
                        "tier",
                        "start_micros",
                        "changes",
                        "quiet_micros",
                        "failures")
                .onConflict(
                        "(measurement_id, tier, start_micros) DO UPDATE SET"
                                + " changes = compaction_queue.changes + excluded.changes, quiet_micros = excluded.quiet_micros");
        changes.counts.forEach(
                (key, count) -> rows.row(key.measurement(), key.tier().code(), key.start(), count, nowMicros, 0));
        return rows.run(client);
    }
}
