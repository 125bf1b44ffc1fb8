package io.weir.common.signal;

/** What a listener of a channel hears. */
public sealed interface Signal {

    /** What another process has said. */
    final class Message implements Signal {

        private final byte[] bytes;

        /** @param bytes what was said; from now on nobody's to modify */
        public Message(byte[] bytes) {
            this.bytes = bytes;
        }

        /** What was said; not to be modified, for other listeners have the same array. */
        public byte[] bytes() {
            return bytes;
        }
    }

    /**
     * Something may have been said that was not heard: before the channel was listened to, while the connection was away, or
     * because this listener was too slow. Whoever needs to know looks where the truth is.
     */
    enum Gap implements Signal {
        INSTANCE
    }
}
