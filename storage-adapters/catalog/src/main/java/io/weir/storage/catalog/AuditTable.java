package io.weir.storage.catalog;

import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Statements over the audit log, which keeps the latest acts. Runs in the caller's transaction. */
final class AuditTable {

    private final DatabaseClient client;
    private final int kept;

    /** @param kept how many acts are kept */
    AuditTable(DatabaseClient client, int kept) {
        this.client = client;
        this.kept = kept;
    }

    /** Acts are recorded one after the other, since each is part of a change of the one revision. */
    Mono<Void> add(AuditEntry entry) {
        return client.sql("SELECT COALESCE(MAX(id), 0) + 1 FROM audit_log")
                .map(row -> Rows.number(row, 0))
                .one()
                .flatMap(id -> insert(id, entry).then(forgetUpTo(id - kept)));
    }

    private Mono<Void> insert(long id, AuditEntry entry) {
        return client.sql(
                        "INSERT INTO audit_log (id, at_micros, organisation, actor, act, subject, detail) VALUES (:id,"
                                + " :at, :organisation, :actor, :act, :subject, :detail)")
                .bind("id", id)
                .bind("at", TokenTable.micros(entry.time()))
                .bind("organisation", entry.organisation())
                .bind("actor", entry.actor())
                .bind("act", entry.act())
                .bind("subject", entry.subject())
                .bind("detail", entry.detail())
                .then();
    }

    private Mono<Void> forgetUpTo(long id) {
        return client.sql("DELETE FROM audit_log WHERE id <= :id")
                .bind("id", id)
                .then();
    }

    Flux<AuditEntry> latest(@Nullable String organisation, long before, int atMost) {
        String of = organisation == null ? "" : " AND organisation = :organisation";
        DatabaseClient.GenericExecuteSpec select = client.sql(
                        "SELECT id, at_micros, organisation, actor, act, subject, detail FROM audit_log"
                                + " WHERE id < :before" + of + " ORDER BY id DESC LIMIT :most")
                .bind("before", before)
                .bind("most", atMost);
        return (organisation == null ? select : select.bind("organisation", organisation))
                .map(row -> new AuditEntry(
                        Rows.number(row, 0),
                        TokenTable.instant(Rows.number(row, 1)),
                        Rows.text(row, 2),
                        Rows.text(row, 3),
                        Rows.text(row, 4),
                        Rows.text(row, 5),
                        Rows.text(row, 6)))
                .all();
    }
}
