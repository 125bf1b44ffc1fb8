package io.weir.common.observe;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes wrong when meters are read: counted each time, and after some collections in a row told in the log once, and
 * in health until one succeeds. A meter that cannot be read has no value, and the others are not affected. Thread-safe.
 */
public final class CollectionErrors {

    private static final Logger LOG = LoggerFactory.getLogger(CollectionErrors.class);

    private final int warnAfter;
    private final LongAdder errors = new LongAdder();
    private long seen;
    private int failuresInARow;
    private boolean warned;
    private volatile @Nullable String latest;

    /**
     * How collections fare.
     *
     * @param ok whether fewer collections in a row than deserve a warning had errors
     * @param errors meters that could not be read, each time, since the start
     * @param failuresInARow collections in a row in which a meter could not be read
     * @param problem which meter, and why; null when {@code failuresInARow} is 0
     */
    public record Status(
            boolean ok,
            long errors,
            int failuresInARow,
            @Nullable String problem) {}

    /** No errors so far; that many collections in a row with errors are told. */
    public CollectionErrors(int warnAfter) {
        this.warnAfter = warnAfter;
    }

    <T> ToDoubleFunction<T> watched(String meter, ToDoubleFunction<T> value) {
        return of -> {
            try {
                return value.applyAsDouble(of);
            } catch (RuntimeException e) {
                failed(meter, e);
                return Double.NaN;
            }
        };
    }

    <T> ToLongFunction<T> watchedCount(String meter, ToLongFunction<T> value) {
        return of -> {
            try {
                return value.applyAsLong(of);
            } catch (RuntimeException e) {
                failed(meter, e);
                return 0;
            }
        };
    }

    /** A meter, or all of them, could not be read. */
    void failed(String meter, Throwable failure) {
        errors.increment();
        latest = meter + ": " + failure;
        LOG.debug("meter {} cannot be read", meter, failure);
    }

    /** A collection of all meters has ended. */
    synchronized void collected() {
        long now = errors.sum();
        failuresInARow = now == seen ? 0 : failuresInARow + 1;
        seen = now;
        if (failuresInARow == 0) {
            warned = false;
        } else if (failuresInARow >= warnAfter && !warned) {
            warned = true;
            LOG.warn("{} collections of metrics in a row were not complete; the latest error: {}", warnAfter, latest);
        }
    }

    /** Meters that could not be read, each time. */
    long errors() {
        return errors.sum();
    }

    /** How collections fare. */
    public synchronized Status status() {
        return new Status(
                failuresInARow < warnAfter, errors.sum(), failuresInARow, failuresInARow == 0 ? null : latest);
    }
}
