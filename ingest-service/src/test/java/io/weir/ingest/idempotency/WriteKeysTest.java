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
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

/** Who may store rows under a key. LESSONS 62. */
class WriteKeysTest {

    private static final DatabaseId DATABASE = new DatabaseId("acme", "metrics");
    private static final Duration TTL = Duration.ofMinutes(10);

    private final TestClock clock = new TestClock();
    private final Map<String, LoggedKey> archived = new HashMap<>();
    private final List<String> asked = new ArrayList<>();
    private WriteKeys keys = keys(DataSize.ofMegabytes(1), Duration.ofSeconds(30));
    private long sequence;

    private static final class TestClock extends Clock {
        long millis = 1_700_000_000_000L;

        @Override
        public Instant instant() {
            return Instant.ofEpochMilli(millis);
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }

        @Override
        public java.time.ZoneId getZone() {
            return ZoneOffset.UTC;
        }
    }

    private WriteKeys keys(DataSize memory, Duration wait) {
        return new WriteKeys(clock, new IdempotencySettings(TTL, memory, wait), (database, text) -> {
            asked.add(text);
            return Mono.justOrEmpty(archived.get(text));
        });
    }

    private KeyClaim claim(String text) {
        return keys.claim(DATABASE, text, "/write?db=metrics");
    }

    private static Optional<WriteKey> acquire(KeyClaim claim) {
        return claim.acquire().block(Duration.ofSeconds(20));
    }

    /** What a request does whose rows are stored. */
    private LoggedKey store(String text) {
        KeyClaim claim = claim(text);
        assertThat(acquire(claim)).as("an earlier write with %s", text).isEmpty();
        LoggedKey logged = new LoggedKey(claim.handOver(""), ++sequence);
        keys.once(DATABASE, logged.key(), Mono.fromRunnable(() -> keys.logged(DATABASE, logged)))
                .block();
        claim.close();
        return logged;
    }

    @Test
    void aStoredKeyIsKnownUntilItExpires() {
        LoggedKey stored = store("k");
        clock.millis += TTL.toMillis() - 1;
        assertThat(acquire(claim("k"))).contains(stored.key());
        assertThat(acquire(keys.claim(new DatabaseId("other", "metrics"), "k", "/write")))
                .as("the key of another organisation") // invariant 8
                .isEmpty();
        clock.millis += 1;
        assertThat(acquire(claim("k"))).isEmpty();
        assertThat(keys.size()).isZero();
    }

    @Test
    void theSecondRequestWaitsForTheFirstAndGetsItsOutcome() {
        KeyClaim first = claim("k");
        assertThat(acquire(first)).isEmpty();
        Sinks.Empty<Void> log = Sinks.empty();
        WriteKey key = first.handOver("two lines were bad");
        keys.once(DATABASE, key, log.asMono()).subscribe();
        StepVerifier.create(claim("k").acquire())
                .expectSubscription()
                .then(() -> {
                    keys.logged(DATABASE, new LoggedKey(key, 1));
                    log.tryEmitEmpty();
                })
                .expectNext(Optional.of(key))
                .verifyComplete();
    }

    @Test
    void whenTheFirstStoresNothingOneOfThoseWaitingIsNext() {
        KeyClaim first = claim("k");
        assertThat(acquire(first)).isEmpty();
        List<Optional<WriteKey>> second = new ArrayList<>();
        List<Optional<WriteKey>> third = new ArrayList<>();
        claim("k").acquire().subscribe(second::add);
        claim("k").acquire().subscribe(third::add);
        WriteKey key = first.handOver("");
        Mono<Void> failing = Mono.error(new WeirException(CommonError.OVERLOADED, "full"));
        assertThatThrownBy(() -> keys.once(DATABASE, key, failing).block()).hasMessage("full");
        assertThat(second.size() + third.size()).isEqualTo(1);
    }

    @Test
    void waitingTooLongIsAnsweredWithTryAgain() { // LESSONS 60
        keys = keys(DataSize.ofMegabytes(1), Duration.ofMillis(1));
        assertThat(acquire(claim("k"))).isEmpty();
        StepVerifier.create(claim("k").acquire())
                .expectErrorSatisfies(e -> {
                    assertThat(((WeirException) e).code()).isEqualTo(IngestError.IDEMPOTENCY_KEY_IN_PROGRESS);
                    assertThat(((WeirException) e).code().status()).isEqualTo(503);
                    assertThat(e)
                            .hasMessage("an earlier request with this Idempotency-Key is not done; try again later");
                })
                .verify(Duration.ofSeconds(20));
    }

    @Test
    void requestsWaitingForOneKeyAreBounded() { // REQUIREMENTS P1
        acquire(claim("k"));
        List<Throwable> refused = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            claim("k").acquire().subscribe(known -> {}, refused::add);
        }
        assertThat(refused).hasSize(4).allSatisfy(e -> assertThat(e).hasMessageContaining("too many requests wait"));
    }

    @Test
    void aRequestThatGoesAwayBeforeTheLogFreesItsKey() {
        KeyClaim gone = claim("k");
        acquire(gone);
        gone.close();
        assertThatThrownBy(() -> gone.handOver("")).isInstanceOf(CancellationException.class);
        assertThat(acquire(claim("k"))).isEmpty();
    }

    @Test
    void aRequestThatGoesAwayWhileItsRowsAreLoggedKeepsItsKey() { // LESSONS 4
        KeyClaim gone = claim("k");
        acquire(gone);
        WriteKey key = gone.handOver("");
        Sinks.Empty<Void> log = Sinks.empty();
        keys.once(DATABASE, key, log.asMono()).subscribe().dispose();
        gone.close();
        List<Optional<WriteKey>> second = new ArrayList<>();
        claim("k").acquire().subscribe(second::add);
        assertThat(second).isEmpty();
        keys.logged(DATABASE, new LoggedKey(key, 1));
        log.tryEmitEmpty();
        assertThat(second).containsExactly(Optional.of(key));
    }

    @Test
    void keysBeyondTheMemoryAreLookedUpInTheCatalogOnceItHasThem() { // invariant 3
        keys = keys(DataSize.ofBytes(2600), Duration.ofSeconds(30));
        List<LoggedKey> stored = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            stored.add(store("k" + i));
            clock.millis++;
        }
        KeyClaim more = claim("more");
        store("k8");
        store("k9");
        assertThatThrownBy(() -> acquire(more)).hasMessageContaining("weir.ingest.idempotency-memory");
        for (LoggedKey key : stored) {
            keys.archived(DATABASE, key);
            archived.put(key.key().text(), key);
        }
        for (int i = 10; i < 15; i++) {
            assertThat(acquire(claim("k" + i))).isEmpty();
        }
        assertThat(keys.size()).isLessThan(10);
        assertThat(acquire(claim("k0"))).contains(stored.get(0).key());
        clock.millis += TTL.toMillis();
        asked.clear();
        assertThat(acquire(claim("k1"))).isEmpty();
        assertThat(asked)
                .as("keys looked up though all that were dropped have expired")
                .isEmpty();
    }

    @Test
    void replayDropsAnAppendThatCameBackThoughItsClientSentItAgain() {
        WriteKey key = keys.key("k", new RequestFingerprint("/write"), "");
        assertThat(replayed(key, 5)).isTrue();
        assertThat(replayed(key, 5)).as("itself").isTrue();
        assertThat(replayed(key, 9)).as("again").isFalse();
        WriteKey other = new WriteKey("k", key.writtenMillis(), key.expiresMillis(), 9, 9, "");
        assertThat(replayed(other, 10)).as("another").isTrue();
        WriteKey later = new WriteKey("k", key.expiresMillis(), key.expiresMillis() + 1, 9, 9, "");
        assertThat(replayed(later, 11)).as("after it expired").isTrue();
        assertThat(keys.find(DATABASE, "k")).isEqualTo(new LoggedKey(later, 11));
    }

    private boolean replayed(WriteKey key, long logSequence) {
        return keys.replayed(DATABASE, new LoggedKey(key, logSequence)).block(Duration.ofSeconds(20));
    }

    /** The piece of an import that starts behind that many rows. */
    private WriteKey piece(long rows) {
        return new WriteKey("import", clock.millis, clock.millis + TTL.toMillis(), rows + 10, rows, "").part("" + rows);
    }

    private static LoggedKey logged(WriteKey key, long logSequence) {
        return new LoggedKey(key, logSequence);
    }

    @Test
    void aFailedPieceThatComesBackIsKnownThoughLaterPiecesAreInFiles() { // LESSONS 8, 62
        archived.put(piece(10).text(), logged(piece(10), 9));
        archived.put(piece(20).text(), logged(piece(20), 10));
        keys.restore(Map.of(DATABASE, List.of(logged(piece(20), 10), logged(piece(10), 9))), true);
        assertThat(replayed(piece(0), 4)).as("stored at once, not in files").isTrue();
        assertThat(replayed(piece(10), 5)).as("failed, stored again as 9").isFalse();
        assertThat(replayed(piece(10), 9)).as("itself").isTrue();
        assertThat(replayed(piece(30), 11)).as("the next one").isTrue();
        assertThat(keys.find(DATABASE, "import")).isEqualTo(logged(piece(30), 11));
        assertThat(keys.size()).as("keys remembered of one import").isEqualTo(1);
    }

    @Test
    void aFailedPieceThatComesBackIsStoredOnceThoughNothingIsInFiles() {
        assertThat(replayed(piece(0), 4)).isTrue();
        assertThat(replayed(piece(10), 5)).as("failed, came back").isTrue();
        assertThat(replayed(piece(10), 9)).as("stored again").isFalse();
        assertThat(replayed(piece(20), 10)).isTrue();
        assertThat(replayed(piece(10), 12)).as("whatever came behind it").isFalse();
        assertThat(keys.find(DATABASE, "import")).isEqualTo(logged(piece(20), 10));
        keys.replayEnded();
        assertThat(asked).isEmpty();
    }

    @Test
    void aKeyThatMemoryHasNoRoomForIsLookedUpDuringTheReplayToo() {
        WriteKey key = keys.key("k", new RequestFingerprint("/write"), "");
        WriteKey newer = keys.key("newer", new RequestFingerprint("/write"), "");
        archived.put("k", logged(key, 9));
        keys.restore(Map.of(DATABASE, List.of(logged(newer, 10))), false);
        assertThat(replayed(key, 5)).as("failed, stored again as 9").isFalse();
        assertThat(replayed(key, 9)).as("itself").isTrue();
    }

    @Test
    void keysOfTheCatalogAreKnownAfterARestart() {
        WriteKey key = keys.key("k", new RequestFingerprint("/write"), "");
        keys.restore(Map.of(DATABASE, List.of(new LoggedKey(key, 7))), false);
        assertThat(acquire(claim("k"))).contains(key);
        assertThat(replayed(key, 5)).as("an append before it that came back").isFalse();
        archived.put("older", new LoggedKey(key, 3));
        assertThat(acquire(claim("older"))).as("not loaded, but there").isPresent();
    }
}
