package io.weir.ingest.idempotency;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.ingest.IngestError;
import io.weir.ingest.wal.LoggedKey;
import io.weir.ingest.wal.WriteKey;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The keys of writes: who is storing rows under which key, and which keys were stored. A key is known while its write is
 * alive in one of three places, so that no moment, crash or restart lets a repetition through:
 *
 * <pre>
 *   request ──claim──▶ in flight ──the log has the rows and the key──▶ remembered ──flush commit──▶ catalog too
 *                        │ nothing was stored: free again                 │ expires            │ expires
 *   start:  replay of the log ─────────────────────────────────────▶ remembered ◀── newest of the catalog
 * </pre>
 *
 * <p>When memory for keys runs short, keys that the catalog has are dropped from memory, and from then until they would
 * have expired a key that is not in memory is looked up there.
 *
 * <p>Where several processes store rows, a key is claimed in the catalog before it is in flight for good, and is this
 * process's until some time after it has expired; it is given back when nothing was stored. While another process has it,
 * the key is in the catalog as that of a stored write, or a repetition has to wait. Thread-safe; never blocks.
 */
public final class WriteKeys {

    /** Requests that may wait for one key. An agent sends one at a time; more are a fault or an attack. */
    private static final int MAX_WAITING = 16;

    /** A claim is made before the body comes, and a key expires counted from when it was read: so much later at most. */
    private static final Duration LONGEST_BODY = Duration.ofMinutes(10);

    private final Clock clock;
    private final Duration ttl;
    private final Duration patience;
    private final KeyArchive archive;
    private final RememberedKeys remembered;
    private final Map<KeyName, KeyClaim> inFlight = new HashMap<>();

    /** Pieces the log has, while it is replayed: those of one whole follow one another in memory, and one may come twice. */
    private final Map<KeyName, LoggedKey> replayedParts = new HashMap<>();

    private final ArchivedPieces archivedPieces = new ArchivedPieces();

    /** @param archive asked for keys that may have been dropped from memory */
    public WriteKeys(Clock clock, IdempotencySettings settings, KeyArchive archive) {
        this.clock = clock;
        this.ttl = settings.idempotencyTtl();
        this.patience = settings.idempotencyWait();
        this.archive = archive;
        this.remembered = new RememberedKeys(settings.idempotencyMemory().toBytes());
    }

    /** A claim that holds nothing yet; to be closed in the end. {@code requestLine} is part of what makes requests equal. */
    public KeyClaim claim(DatabaseId database, String text, String requestLine) {
        return new KeyClaim(this, new KeyName(database, text), requestLine);
    }

    Mono<Optional<WriteKey>> acquire(KeyClaim claim) {
        return Mono.defer(() -> attempt(claim, System.nanoTime() + patience.toNanos()));
    }

    private Mono<Optional<WriteKey>> attempt(KeyClaim claim, long deadlineNanos) {
        KeyClaim holder;
        LoggedKey known = null;
        boolean ask = false;
        synchronized (this) {
            long now = clock.millis();
            remembered.expire(now);
            holder = inFlight.get(claim.name());
            if (holder == null) {
                known = remembered.find(claim.name());
                if (known == null) {
                    hold(claim);
                    ask = archive.isShared() || remembered.mayBeInArchive(now);
                }
            } else if (!holder.addWaiting(MAX_WAITING)) {
                return Mono.error(inProgress("too many requests wait for the first one with this Idempotency-Key"));
            }
        }
        if (holder != null) {
            return await(claim, holder, deadlineNanos);
        }
        return known == null && ask
                ? askArchive(claim)
                : Mono.just(Optional.ofNullable(known).map(LoggedKey::key));
    }

    private void hold(KeyClaim claim) {
        if (!remembered.makeRoom(inFlight.size())) {
            throw new WeirException(
                    CommonError.OVERLOADED,
                    "no more idempotency keys can be remembered before a flush (weir.ingest.idempotency-memory); try"
                            + " again later");
        }
        if (!claim.hold()) {
            throw new CancellationException("the request is gone");
        }
        inFlight.put(claim.name(), claim);
    }

    private Mono<Optional<WriteKey>> await(KeyClaim claim, KeyClaim holder, long deadlineNanos) {
        Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
        return holder.settled()
                .timeout(left, Mono.error(() -> inProgress("an earlier request with this Idempotency-Key is not done")))
                .then(Mono.defer(() -> attempt(claim, deadlineNanos)));
    }

    private static WeirException inProgress(String detail) {
        return new WeirException(IngestError.IDEMPOTENCY_KEY_IN_PROGRESS, detail + "; try again later");
    }

    private Mono<Optional<WriteKey>> askArchive(KeyClaim claim) {
        DatabaseId database = claim.name().database();
        String text = claim.name().text();
        return archive.claim(database, text, ttl.plus(LONGEST_BODY))
                .flatMap(own -> archive.find(database, text)
                        .filter(found -> found.key().expiresMillis() > clock.millis())
                        .map(found -> Optional.of(found.key()))
                        .switchIfEmpty(Mono.defer(() -> own
                                ? Mono.just(Optional.empty())
                                : Mono.error(inProgress(
                                        "another ingest replica has the first request with this Idempotency-Key")))));
    }

    WriteKey key(String text, RequestFingerprint fingerprint, String outcome) {
        long now = clock.millis();
        return new WriteKey(text, now, now + ttl.toMillis(), fingerprint.bodyBytes(), fingerprint.value(), outcome);
    }

    void release(KeyClaim claim) {
        KeyName name = claim.name();
        if (!archive.isShared()) {
            free(claim);
        } else if (isInFlight(claim)) {
            // Until it is given back nobody here may claim it again: giving it back would undo that.
            archive.release(name.database(), name.text())
                    .doFinally(signal -> free(claim))
                    .subscribe();
        }
    }

    private synchronized boolean isInFlight(KeyClaim claim) {
        return inFlight.get(claim.name()) == claim;
    }

    private void free(KeyClaim claim) {
        boolean released;
        synchronized (this) {
            released = inFlight.remove(claim.name(), claim);
        }
        if (released) {
            claim.settle();
        }
    }

    /**
     * An append of that key, which lets go of the key once the log has decided. The append goes on when its subscriber
     * leaves; it is to be subscribed to once.
     */
    public Mono<Void> once(DatabaseId database, WriteKey key, Mono<Void> append) {
        KeyName name = new KeyName(database, key.text());
        return append.onErrorResume(
                        WriteKeys::isNotLogged,
                        e -> archive.release(database, key.text()).then(Mono.error(e)))
                .doOnTerminate(() -> decided(name))
                .cache();
    }

    /** Whether the log did not even begin; whatever it began may come back from it at the next start. */
    private static boolean isNotLogged(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CommonError.OVERLOADED;
    }

    private void decided(KeyName name) {
        KeyClaim claim;
        synchronized (this) {
            claim = inFlight.remove(name);
        }
        if (claim != null) {
            claim.settle();
        }
    }

    /** Remembers a key whose rows are in the log. Called before they can be flushed. */
    public synchronized void logged(DatabaseId database, LoggedKey key) {
        remembered.put(whole(database, key), key, false);
    }

    private static KeyName whole(DatabaseId database, LoggedKey key) {
        return new KeyName(database, key.key().wholeText());
    }

    /** Notes that the catalog has a key now. */
    public synchronized void archived(DatabaseId database, LoggedKey key) {
        KeyName name = whole(database, key);
        remembered.archived(name, key);
        if (key.key().isPart()) {
            archivedPieces.archived(name, key.sequence());
        }
    }

    /** No piece of that whole follows, now or at any start: the catalog need not know them longer than the log may bring one back. */
    public synchronized void ended(DatabaseId database, String whole) {
        KeyName name = new KeyName(database, whole);
        LoggedKey last = remembered.find(name);
        if (last != null) {
            archivedPieces.ended(name, last.sequence());
        }
    }

    /** Keys of pieces that the catalog may forget when the log begins at that sequence. */
    public synchronized List<OldPieces> oldPieces(long oldestSequence) {
        return archivedPieces.old(oldestSequence);
    }

    /** The catalog has forgotten those. */
    public synchronized void forgotten(OldPieces pieces) {
        archivedPieces.forgotten(pieces);
    }

    /** Remembers what the catalog had when the process started; {@code all} when it has no others. */
    public synchronized void restore(Map<DatabaseId, List<LoggedKey>> keys, boolean all) {
        long soonest = Long.MAX_VALUE;
        for (Map.Entry<DatabaseId, List<LoggedKey>> entry : keys.entrySet()) {
            for (LoggedKey key : entry.getValue()) {
                restore(whole(entry.getKey(), key), key);
                soonest = Math.min(soonest, key.key().expiresMillis());
            }
        }
        if (!all) {
            remembered.onlyInArchive(soonest);
        }
    }

    private void restore(KeyName name, LoggedKey key) {
        LoggedKey known = remembered.find(name);
        if (known == null || isBefore(known, key)) {
            remembered.put(name, key, true);
        }
    }

    /** By sequence, or by time when another log had both. */
    private static boolean isBefore(LoggedKey one, LoggedKey other) {
        return one.sequence() < other.sequence()
                || (one.sequence() == other.sequence()
                        && one.key().writtenMillis() < other.key().writtenMillis());
    }

    /**
     * Takes a key from the log while it is replayed. An append that failed may come back at the next start; when its
     * writer sent it again meanwhile, the rows are twice in the log, or once there and once in files. What memory does
     * not know the catalog is asked for, where the second one may be though later keys took its place here.
     *
     * @return false when the append repeats a write that is known already: it must not be published. Fails with {@code
     *     catalog-unavailable} when nobody can say
     */
    public Mono<Boolean> replayed(DatabaseId database, LoggedKey key) {
        return Mono.defer(() -> {
            LoggedKey known;
            boolean ask;
            synchronized (this) {
                known = known(database, key.key());
                LoggedKey last = remembered.find(whole(database, key));
                ask = known == null
                        && (remembered.mayBeInArchive(clock.millis())
                                || (last != null && last.sequence() > key.sequence()));
            }
            return ask
                    ? archive.find(database, key.key().text())
                            .map(found -> isNew(database, key, found))
                            .switchIfEmpty(Mono.fromSupplier(() -> isNew(database, key, null)))
                    : Mono.just(isNew(database, key, known));
        });
    }

    /** The write that memory knows under exactly that key, be it of a whole or of a piece. */
    private @Nullable LoggedKey known(DatabaseId database, WriteKey key) {
        LoggedKey replayed = replayedParts.get(new KeyName(database, key.text()));
        LoggedKey last = remembered.find(new KeyName(database, key.wholeText()));
        return replayed == null && last != null && last.key().text().equals(key.text()) ? last : replayed;
    }

    private synchronized boolean isNew(DatabaseId database, LoggedKey key, @Nullable LoggedKey known) {
        boolean repeated = known != null && known.sequence() != key.sequence() && repeats(known.key(), key.key());
        if (repeated) {
            return false;
        }
        if (key.key().isPart()) {
            replayedParts.put(new KeyName(database, key.key().text()), key);
        }
        LoggedKey last = remembered.find(whole(database, key));
        if (last == null || last.sequence() < key.sequence()) {
            remembered.put(whole(database, key), key, false);
        }
        return true;
    }

    /** The log is replayed: nothing comes back from it any more. */
    public synchronized void replayEnded() {
        replayedParts.clear();
    }

    /** The same request, sent while the other was remembered: later ones are stored again by right. */
    private static boolean repeats(WriteKey one, WriteKey other) {
        return one.sameRequest(other)
                && one.writtenMillis() < other.expiresMillis()
                && other.writtenMillis() < one.expiresMillis();
    }

    /** That key as it was last stored, or the last piece of the whole that has it, or null; for writers that need no claim. */
    public synchronized @Nullable LoggedKey find(DatabaseId database, String text) {
        return remembered.find(new KeyName(database, text));
    }

    /** Whether a write with that key is in memory: in flight, in the log, or in files. */
    public synchronized boolean knows(DatabaseId database, String text) {
        KeyName name = new KeyName(database, text);
        return inFlight.containsKey(name) || remembered.find(name) != null;
    }

    /** Keys in memory. */
    public synchronized int size() {
        return remembered.size();
    }
}
