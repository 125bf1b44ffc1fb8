package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.DatabaseId;
import io.weir.ingest.IngestService;
import io.weir.ingest.schema.DatabaseSchemas;
import io.weir.ingest.wal.WalAppend;
import java.util.List;
import reactor.core.publisher.Mono;

/** What the subscriber needs of the write path. Thread-safe. */
interface RowStore {

    /** The schemas that rows of that database are decoded against. */
    Mono<DatabaseSchemas> open(DatabaseId database);

    /** Completes when the rows are durable and visible. */
    Mono<Void> store(DatabaseSchemas schemas, List<ColumnBatch> batches);

    /** What messages and rows on their way may hold. */
    MemoryBudget budget();

    /** The write path of that service. */
    static RowStore of(IngestService ingest) {
        return new RowStore() {
            @Override
            public Mono<DatabaseSchemas> open(DatabaseId database) {
                return ingest.schemas().open(database);
            }

            @Override
            public Mono<Void> store(DatabaseSchemas schemas, List<ColumnBatch> batches) {
                return ingest.schemas()
                        .admit(schemas, batches)
                        .then(Mono.defer(() -> ingest.append(new WalAppend(schemas.database(), batches))));
            }

            @Override
            public MemoryBudget budget() {
                return ingest.budget();
            }
        };
    }
}
