package io.weir.ingest.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.ingest.IngestError;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WriteKey;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;

/** Two replicas that are sent the same write: it is stored by one of them, at most. LESSONS 8, 62; issue 5 item 6. */
class SharedKeysTest {

    private static final DatabaseId DATABASE = new DatabaseId("acme", "metrics");
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, LoggedKey> committed = new HashMap<>();
    private final WriteKeys a = replica("a");
    private final WriteKeys b = replica("b");
    private long sequence;

    private WriteKeys replica(String name) {
        KeyArchive archive = new KeyArchive() {
            @Override
            public Mono<LoggedKey> find(DatabaseId database, String text) {
                return Mono.justOrEmpty(committed.get(text));
            }

            @Override
            public boolean isShared() {
                return true;
            }

            @Override
            public Mono<Boolean> claim(DatabaseId database, String text, Duration time) {
                return Mono.fromSupplier(
                        () -> owners.computeIfAbsent(text, key -> name).equals(name));
            }

            @Override
            public Mono<Void> release(DatabaseId database, String text) {
                return Mono.fromRunnable(() -> owners.remove(text, name));
            }
        };
        return new WriteKeys(
                Clock.systemUTC(),
                new IdempotencySettings(Duration.ofMinutes(10), DataSize.ofMegabytes(1), PATIENCE),
                archive);
    }

    private static KeyClaim claim(WriteKeys replica) {
        return replica.claim(DATABASE, "k", "/write?db=metrics");
    }

    private static Optional<WriteKey> acquire(KeyClaim claim) {
        return claim.acquire().block(PATIENCE);
    }

    private WriteKey store(WriteKeys replica) {
        KeyClaim claim = claim(replica);
        assertThat(acquire(claim)).isEmpty();
        LoggedKey logged = new LoggedKey(claim.handOver(""), ++sequence);
        replica.once(DATABASE, logged.key(), Mono.fromRunnable(() -> replica.logged(DATABASE, logged)))
                .block(PATIENCE);
        claim.close();
        return logged.key();
    }

    private static void assertInProgress(WriteKeys replica) {
        KeyClaim claim = claim(replica);
        assertThatThrownBy(() -> acquire(claim)).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(IngestError.IDEMPOTENCY_KEY_IN_PROGRESS);
            assertThat(e.detail()).contains("another ingest replica");
        });
        claim.close();
    }

    @Test
    void whatOneHasInItsLogTheOtherRefusesAndWhatIsInFilesItAnswers() {
        WriteKey stored = store(a);
        assertInProgress(b);
        assertInProgress(b);
        assertThat(acquire(claim(a))).contains(stored);
        committed.put("k", new LoggedKey(stored, 0)); // flushed
        assertThat(acquire(claim(b))).contains(stored);
    }

    @Test
    void whatStoredNothingIsGivenBack() {
        KeyClaim first = claim(a);
        assertThat(acquire(first)).isEmpty();
        assertInProgress(b);
        first.close(); // the client went away, or the body was bad
        KeyClaim second = claim(b);
        assertThat(acquire(second)).isEmpty();
        assertInProgress(a);
        WriteKey key = second.handOver("");
        Mono<Void> full = Mono.error(new WeirException(CommonError.OVERLOADED, "full"));
        assertThatThrownBy(() -> b.once(DATABASE, key, full).block(PATIENCE)).hasMessage("full");
        assertThat(store(a)).isNotNull();
    }

    @Test
    void anAppendThatMayComeBackFromTheLogKeepsTheKey() {
        KeyClaim claim = claim(a);
        assertThat(acquire(claim)).isEmpty();
        WriteKey key = claim.handOver("");
        Mono<Void> failed = Mono.error(new WeirException(CommonError.STORAGE_UNAVAILABLE, "disk"));
        assertThatThrownBy(() -> a.once(DATABASE, key, failed).block(PATIENCE)).hasMessage("disk");
        assertInProgress(b);
        assertThat(store(a)).as("its own client may try again here").isNotNull();
    }

    @Test
    void aReplicaKnowsWhatItHolds() {
        assertThat(a.knows(DATABASE, "k")).isFalse();
        store(a);
        assertThat(a.knows(DATABASE, "k")).isTrue();
        assertThat(b.knows(DATABASE, "k")).isFalse();
    }
}
