package io.weir.storage.catalog;

import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Changes that are recorded in the audit log, in their own transaction. */
final class AuditedChanges {

    private final DatabaseClient client;
    private final Transactions transactions;
    private final AuditTable audit;

    /** @param kept acts that the log keeps */
    AuditedChanges(DatabaseClient client, Transactions transactions, int kept) {
        this.client = client;
        this.transactions = transactions;
        this.audit = new AuditTable(client, kept);
    }

    /**
     * Makes a change, and records it if it was one.
     *
     * @param action what it does, as in "the catalog could not …"
     * @param work what changes; empty when there was nothing to change, and then nothing is recorded
     */
    <T> Mono<T> make(String action, AuditEntry entry, Mono<T> work) {
        // Entries are numbered one after the other: whoever adds one has the row of the revision until it is done.
        Mono<Void> alone =
                client.sql("UPDATE access_state SET revision = revision").then();
        return transactions.write(
                action, work.flatMap(done -> alone.then(audit.add(entry)).thenReturn(done)));
    }
}
