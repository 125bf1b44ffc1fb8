package io.weir.access;

import io.weir.storage.catalog.AccessCatalog;
import io.weir.storage.catalog.AccessState;
import io.weir.storage.catalog.AuditEntry;
import io.weir.storage.catalog.Organisation;
import io.weir.storage.catalog.StoredToken;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A catalog of tokens in memory that counts questions, and answers when it is let. */
final class FakeTokens implements AccessCatalog {

    final Map<String, StoredToken> tokens = new ConcurrentHashMap<>();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicLong revision = new AtomicLong();
    volatile Mono<Void> gate = Mono.empty();

    @Override
    public Mono<AccessState> state(String keyIfNew) {
        return Mono.just(new AccessState(revision.get(), keyIfNew));
    }

    @Override
    public Mono<Long> revision() {
        return gate.then(Mono.fromSupplier(revision::get));
    }

    @Override
    public Mono<StoredToken> token(String id) {
        return Mono.defer(() -> {
            asked.incrementAndGet();
            @Nullable StoredToken read = tokens.get(id);
            return gate.then(Mono.justOrEmpty(read));
        });
    }

    @Override
    public Mono<List<StoredToken>> tokens(String organisation) {
        return Mono.fromSupplier(() -> List.copyOf(tokens.values()));
    }

    @Override
    public Mono<Void> addToken(StoredToken token, AuditEntry entry) {
        return Mono.fromRunnable(() -> {
            tokens.put(token.id(), token);
            revision.incrementAndGet();
        });
    }

    @Override
    public Mono<Boolean> addFirstToken(StoredToken token, AuditEntry entry) {
        return addToken(token, entry).thenReturn(true);
    }

    @Override
    public Mono<StoredToken> changeToken(
            @Nullable String organisation, String id, UnaryOperator<StoredToken> change, AuditEntry entry) {
        return Mono.fromCallable(() -> {
            revision.incrementAndGet();
            return tokens.computeIfPresent(id, (key, token) -> change.apply(token));
        });
    }

    @Override
    public Mono<Boolean> removeToken(@Nullable String organisation, String id, AuditEntry entry) {
        return Mono.fromCallable(() -> {
            revision.incrementAndGet();
            return tokens.remove(id) != null;
        });
    }

    @Override
    public Mono<List<Organisation>> organisations() {
        return Mono.just(List.of());
    }

    @Override
    public Mono<Void> addOrganisation(Organisation organisation, AuditEntry entry) {
        return Mono.error(new UnsupportedOperationException());
    }

    @Override
    public Mono<Boolean> changeOrganisation(Organisation organisation, AuditEntry entry) {
        return Mono.error(new UnsupportedOperationException());
    }

    @Override
    public Mono<Boolean> removeOrganisation(String name, AuditEntry entry) {
        return Mono.error(new UnsupportedOperationException());
    }

    @Override
    public Mono<List<AuditEntry>> audit(@Nullable String organisation, long before, int atMost) {
        return Mono.just(List.of());
    }
}
