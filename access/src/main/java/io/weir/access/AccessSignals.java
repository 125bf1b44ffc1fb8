package io.weir.access;

/**
 * Carries word of changes from process to process faster than the revision in the catalog, which is looked at in any
 * case. What gets lost on the way is made up for by the next look.
 */
public interface AccessSignals {

    /** Tells nobody, and hears nothing. */
    AccessSignals NONE = new AccessSignals() {
        @Override
        public void publish() {}

        @Override
        public void listen(Runnable changed) {}
    };

    /** Tells the others that something changed. Never blocks, never fails. */
    void publish();

    /** Has {@code changed} run whenever another says so. It never blocks. */
    void listen(Runnable changed);
}
