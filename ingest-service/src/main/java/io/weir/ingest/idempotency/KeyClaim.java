package io.weir.ingest.idempotency;

import io.weir.ingest.wal.WriteKey;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * One request's claim on its key: while it holds the key, others with the same key wait. {@link #close} lets go, unless
 * the write went to the log: then the key is held until the log has decided, even if the request is gone by then.
 * Thread-safe, except that {@link #fingerprint} belongs to whoever reads the body.
 */
public final class KeyClaim implements AutoCloseable {

    private enum State {
        NEW,
        HELD,
        LOGGING,
        CLOSED
    }

    private final WriteKeys keys;
    private final KeyName name;
    private final RequestFingerprint fingerprint;
    private final Sinks.Empty<Void> settled = Sinks.empty();
    private State state = State.NEW;
    private int waiting;

    KeyClaim(WriteKeys keys, KeyName name, String requestLine) {
        this.keys = keys;
        this.name = name;
        this.fingerprint = new RequestFingerprint(requestLine);
    }

    /**
     * Takes the key, waiting for an earlier request that holds it.
     *
     * @return the earlier write when it was stored; otherwise nothing, and this request is the one to store the rows.
     *     Fails with {@code idempotency-key-in-progress} when the earlier request takes too long, {@code overloaded}
     *     when no more keys can be remembered, {@code catalog-unavailable} when nobody can say
     */
    public Mono<Optional<WriteKey>> acquire() {
        return keys.acquire(this);
    }

    /** To be fed the body as sent, whoever reads it. */
    public RequestFingerprint fingerprint() {
        return fingerprint;
    }

    /** Whether the body fed to {@link #fingerprint} is that of the earlier write. */
    public boolean isRepeatOf(WriteKey earlier) {
        return earlier.bodyBytes() == fingerprint.bodyBytes() && earlier.fingerprint() == fingerprint.value();
    }

    /**
     * The key to log with the rows. From here on the key is let go by {@link WriteKeys#once} and by nobody else, so the
     * append must follow at once.
     *
     * @param outcome what a repetition is answered with
     * @throws CancellationException when the claim was closed meanwhile: nothing may be logged
     */
    public WriteKey handOver(String outcome) {
        WriteKey key = keys.key(name.text(), fingerprint, outcome);
        synchronized (keys) {
            if (state != State.HELD) {
                throw new CancellationException("the request is gone");
            }
            state = State.LOGGING;
        }
        return key;
    }

    @Override
    public void close() {
        boolean release;
        synchronized (keys) {
            release = state == State.HELD;
            if (state != State.LOGGING) {
                state = State.CLOSED;
            }
        }
        if (release) {
            keys.release(this);
        }
    }

    KeyName name() {
        return name;
    }

    /** To be called under the lock of the keys. @return false when the claim is closed */
    boolean hold() {
        if (state == State.NEW) {
            state = State.HELD;
        }
        return state == State.HELD;
    }

    /** To be called under the lock of the keys. @return false when too many wait */
    boolean addWaiting(int most) {
        return ++waiting <= most;
    }

    /** Completes when the key is free or its write stored. */
    Mono<Void> settled() {
        return settled.asMono();
    }

    void settle() {
        settled.tryEmitEmpty(); // a second time it says so, and means nothing
    }
}
