package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactory;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Access in the catalog's database, whose tables {@link Catalog#migrate} makes. Does not own the connection factory. */
public final class R2dbcAccessCatalog implements AccessCatalog {

    private static final int ONLY_ROW = 1;

    private final DatabaseClient client;
    private final Transactions transactions;
    private final TokenTable tokens;
    private final OrganisationTable organisations;
    private final AuditTable audit;

    /**
     * Access in that database.
     *
     * @param connections pooled connections; closed by whoever made them
     * @param timeout longest an operation may take, retries included
     * @param auditEntries acts that are kept
     */
    public R2dbcAccessCatalog(ConnectionFactory connections, Duration timeout, int auditEntries) {
        this.client = DatabaseClient.create(connections);
        this.transactions = new Transactions(connections, timeout);
        this.tokens = new TokenTable(client);
        this.organisations = new OrganisationTable(client);
        this.audit = new AuditTable(client, auditEntries);
    }

    @Override
    public Mono<AccessState> state(String keyIfNew) {
        Mono<Void> made = client.sql("INSERT INTO access_state (only_row, revision, seal_key, bootstrapped)"
                        + " VALUES (:row, 0, :key, 0) ON CONFLICT (only_row) DO NOTHING")
                .bind("row", ONLY_ROW)
                .bind("key", keyIfNew)
                .then();
        Mono<AccessState> read = client.sql("SELECT revision, seal_key FROM access_state")
                .map(row -> new AccessState(Rows.number(row, 0), Rows.text(row, 1)))
                .one();
        return transactions.write("read the state of access", made.then(read));
    }

    @Override
    public Mono<Long> revision() {
        return transactions.read(
                "read the revision of access",
                client.sql("SELECT revision FROM access_state")
                        .map(row -> Rows.number(row, 0))
                        .one());
    }

    /** A change, its entry and the next revision; whoever changes has the row of the revision to itself until it is done. */
    private <T> Mono<T> change(String action, AuditEntry entry, Mono<T> work) {
        Mono<Void> next =
                client.sql("UPDATE access_state SET revision = revision + 1").then();
        return transactions.write(
                action, next.then(work.flatMap(done -> audit.add(entry).thenReturn(done))));
    }

    @Override
    public Mono<StoredToken> token(String id) {
        return transactions.read("read a token", tokens.find(id));
    }

    @Override
    public Mono<List<StoredToken>> tokens(String organisation) {
        return transactions.read("list tokens", tokens.of(organisation).collectList());
    }

    @Override
    public Mono<Void> addToken(StoredToken token, AuditEntry entry) {
        return change("add a token", entry, added(token)).then();
    }

    private Mono<StoredToken> added(StoredToken token) {
        String organisation = token.organisation();
        return requireOrganisation(organisation)
                .then(Mono.defer(() -> tokens.count(organisation)))
                .filter(count -> count < MOST_ROWS)
                .switchIfEmpty(Mono.error(() -> conflict(
                        "organisation " + organisation + " has " + MOST_ROWS
                                + " tokens, which is as many as it can have" + " (expected: remove one first)",
                        organisation)))
                .then(Mono.defer(() -> tokens.add(token)))
                .thenReturn(token);
    }

    private Mono<Void> requireOrganisation(String name) {
        return organisations
                .exists(name)
                .filter(exists -> exists)
                .switchIfEmpty(Mono.error(() -> new WeirException(
                        CommonError.ORGANISATION_NOT_FOUND,
                        "organisation " + Names.printable(name) + " does not exist",
                        Map.of("organisation", Names.printable(name)))))
                .then();
    }

    @Override
    public Mono<Boolean> addFirstToken(StoredToken token, AuditEntry entry) {
        Mono<Long> first = client.sql("UPDATE access_state SET bootstrapped = 1 WHERE bootstrapped = 0")
                .fetch()
                .rowsUpdated()
                .filter(rows -> rows == 1);
        return change("add the first token", entry, first.flatMap(rows -> added(token)))
                .hasElement();
    }

    @Override
    public Mono<StoredToken> changeToken(
            @Nullable String organisation, String id, UnaryOperator<StoredToken> change, AuditEntry entry) {
        Mono<StoredToken> changed = find(organisation, id)
                .map(change)
                .flatMap(token -> tokens.update(token).thenReturn(token));
        return change("change token " + id, entry, changed);
    }

    private Mono<StoredToken> find(@Nullable String organisation, String id) {
        return tokens.find(id)
                .filter(token -> organisation == null || token.organisation().equals(organisation));
    }

    @Override
    public Mono<Boolean> removeToken(@Nullable String organisation, String id, AuditEntry entry) {
        Mono<StoredToken> removed =
                find(organisation, id).flatMap(token -> tokens.remove(id).thenReturn(token));
        return change("remove token " + id, entry, removed).hasElement();
    }

    @Override
    public Mono<List<Organisation>> organisations() {
        return transactions.read("list organisations", organisations.all().collectList());
    }

    @Override
    public Mono<Void> addOrganisation(Organisation organisation, AuditEntry entry) {
        Mono<Organisation> added = organisations
                .exists(organisation.name())
                .filter(exists -> !exists)
                .switchIfEmpty(Mono.error(
                        () -> conflict("organisation " + organisation.name() + " exists already", organisation.name())))
                .then(Mono.defer(organisations::count))
                .filter(count -> count < MOST_ROWS)
                .switchIfEmpty(Mono.error(() -> conflict(
                        "there are " + MOST_ROWS + " organisations, which is as many as there can be",
                        organisation.name())))
                .then(Mono.defer(() -> organisations.add(organisation)))
                .thenReturn(organisation);
        return change("add organisation " + organisation.name(), entry, added).then();
    }

    @Override
    public Mono<Boolean> changeOrganisation(Organisation organisation, AuditEntry entry) {
        Mono<Long> changed = organisations.update(organisation).filter(rows -> rows == 1);
        return change("change organisation " + organisation.name(), entry, changed)
                .hasElement();
    }

    @Override
    public Mono<Boolean> removeOrganisation(String name, AuditEntry entry) {
        Mono<Boolean> removed = organisations
                .exists(name)
                .filter(exists -> exists)
                .flatMap(exists -> organisations
                        .databases(name)
                        .filter(databases -> databases == 0)
                        .switchIfEmpty(Mono.error(() ->
                                conflict("organisation " + name + " has databases (expected: one without any)", name))))
                .flatMap(none -> tokens.removeAllOf(name)
                        .then(organisations.remove(name))
                        .thenReturn(true));
        return change("remove organisation " + name, entry, removed).hasElement();
    }

    private static WeirException conflict(String detail, String organisation) {
        return new WeirException(CommonError.CONFLICT, detail, Map.of("organisation", organisation));
    }

    @Override
    public Mono<List<AuditEntry>> audit(@Nullable String organisation, long before, int atMost) {
        return transactions.read(
                "read the audit log", audit.latest(organisation, before, atMost).collectList());
    }
}
