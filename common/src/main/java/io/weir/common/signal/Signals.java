package io.weir.common.signal;

import reactor.core.publisher.Flux;

/**
 * Carries short messages to whoever listens in other processes, at once and without a promise: what is said while nobody
 * listens is gone, and what gets lost is told as {@link Signal.Gap}. Implementations are thread-safe, never block, and hold
 * a bounded number of bytes for each listener.
 */
public interface Signals {

    /** Tells nobody, and hears nothing, not even gaps. */
    Signals NONE = new Signals() {
        @Override
        public void publish(String channel, byte[] message) {}

        @Override
        public Flux<Signal> listen(String channel) {
            return Flux.never();
        }
    };

    /**
     * Tells every other process that listens to the channel; listeners of this process hear nothing of it. Never fails: what
     * cannot be sent now is dropped, and counted.
     *
     * @param message not to be modified from now on
     */
    void publish(String channel, byte[] message);

    /**
     * What other processes say on the channel, each message once at most and in the order in which each of them said it.
     * Begins with a gap as soon as the channel is heard. The channel is listened to as long as somebody is subscribed.
     * Signals come on a thread of the network, which must not be kept: a subscriber that has more to do hands over.
     *
     * @return never ends by itself and never fails; more than one may listen to a channel
     */
    Flux<Signal> listen(String channel);
}
