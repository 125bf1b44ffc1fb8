package io.weir.ingest.mqtt;

import io.weir.common.batch.ColumnBatch;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.DatabaseId;
import io.weir.ingest.IngestService;
import io.weir.ingest.admission.RequestMemory;
import io.weir.ingest.admission.RequestSize;
import io.weir.ingest.schema.DatabaseSchemas;
import io.weir.ingest.wal.WalAppend;
import java.util.List;
import reactor.core.publisher.Mono;

/** What the subscriber needs of the write path. Thread-safe. */
interface RowStore {

    /** The schemas that rows of that database are decoded against. */
    Mono<DatabaseSchemas> open(DatabaseId database);

    /**
     * Admits a batch as a request of its own; the caller closes what it is given.
     *
     * @param bytes what it probably needs while it is decoded
     * @throws io.weir.common.error.WeirException {@code overloaded} when it does not fit now
     */
    RequestMemory admit(DatabaseId database, long bytes);

    /** Completes when the rows are durable and visible; takes their part of {@code memory} over. */
    Mono<Void> store(DatabaseSchemas schemas, List<ColumnBatch> batches, RequestMemory memory);

    /** Counts the messages in flight. */
    MemoryBudget budget();

    /** The write path of that service. */
    static RowStore of(IngestService ingest) {
        return new RowStore() {
            @Override
            public Mono<DatabaseSchemas> open(DatabaseId database) {
                return ingest.schemas().open(database);
            }

            @Override
            public RequestMemory admit(DatabaseId database, long bytes) {
                return ingest.admission().admit(database.organisation(), new RequestSize(0, 0, bytes));
            }

            @Override
            public Mono<Void> store(DatabaseSchemas schemas, List<ColumnBatch> batches, RequestMemory memory) {
                return ingest.schemas()
                        .admit(schemas, batches)
                        .then(Mono.defer(() -> ingest.append(new WalAppend(schemas.database(), batches), memory)));
            }

            @Override
            public MemoryBudget budget() {
                return ingest.budget();
            }
        };
    }
}
