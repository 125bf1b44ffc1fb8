package io.weir.access;

import io.weir.common.signal.Signals;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * Carries word of changes from process to process faster than the revision in the catalog, which is looked at in any
 * case. What gets lost on the way is made up for by the next look.
 */
public interface AccessSignals {

    /** Where changes are told. */
    String CHANNEL = "access";

    /** Tells nobody, and hears nothing. */
    AccessSignals NONE = new AccessSignals() {
        @Override
        public void publish() {}

        @Override
        public Disposable listen(Runnable changed) {
            return Disposables.disposed();
        }
    };

    /** Carried by those signals, on channel {@code access}. What may have been missed counts as a change. */
    static AccessSignals over(Signals signals) {
        return new AccessSignals() {
            @Override
            public void publish() {
                signals.publish(CHANNEL, new byte[0]);
            }

            @Override
            public Disposable listen(Runnable changed) {
                return signals.listen(CHANNEL).subscribe(signal -> changed.run());
            }
        };
    }

    /** Tells the others that something changed. Never blocks, never fails. */
    void publish();

    /** Has {@code changed} run whenever another says so, until what is returned is disposed of. It never blocks. */
    Disposable listen(Runnable changed);
}
