package io.weir.ingest.admission;

import io.weir.common.error.WeirException;
import io.weir.common.memory.Reservation;
import java.util.concurrent.CancellationException;
import java.util.function.LongConsumer;

/**
 * The memory of one request. What its decompressor and decoder say they grow by is taken from what was reserved for it
 * in advance, then from its organisation. Closing gives all back that was not handed over; closing again does nothing.
 * Growing is for one thread at a time; the rest is thread-safe.
 */
public final class RequestMemory implements LongConsumer, AutoCloseable {

    private final Admission admission;
    private final String organisation;
    private final Reservation held;
    private long spare;
    private boolean entrusted;
    private boolean abandoned;

    RequestMemory(Admission admission, String organisation, Reservation held, long spare) {
        this.admission = admission;
        this.organisation = organisation;
        this.held = held;
        this.spare = spare;
    }

    /**
     * Grows, or shrinks, by that many bytes.
     *
     * @throws WeirException {@code body-too-large} when the request can never have that many; {@code overloaded} when
     *     they are not there now
     */
    @Override
    public void accept(long delta) {
        if (delta <= 0) {
            held.grow(delta);
            return;
        }
        long reserved = Math.min(delta, spare);
        long more = delta - reserved;
        if (more > 0) {
            if (held.bytes() + more > admission.requestLimitBytes()) {
                throw admission.tooLarge();
            }
            grow(more);
        }
        spare -= reserved;
    }

    private void grow(long bytes) {
        try {
            held.grow(bytes);
        } catch (WeirException full) {
            admission.relieve(organisation);
            throw full;
        }
    }

    /**
     * Leaves closing this to the reader of the body, which knows when its last byte is no longer in use.
     *
     * @throws CancellationException when the request is gone already
     */
    public synchronized void entrust() {
        if (abandoned) {
            throw new CancellationException("the request is gone");
        }
        entrusted = true;
    }

    /** Closes this unless a reader of the body does: the request has ended. */
    public synchronized void abandon() {
        abandoned = true;
        if (!entrusted) {
            close();
        }
    }

    /** Gives back what was reserved in advance and not needed: the body is decoded. */
    public void settle() {
        held.grow(-spare);
        spare = 0;
    }

    /** Hands the rows' memory over to whoever logs them. */
    public Reservation handOver(long bytes) {
        return held.split(bytes, admission.log());
    }

    /** Bytes held now. */
    public long bytes() {
        return held.bytes();
    }

    @Override
    public void close() {
        held.close();
    }
}
