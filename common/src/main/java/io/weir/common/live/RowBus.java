package io.weir.common.live;

import java.util.function.Consumer;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/**
 * Carries messages from ingest replicas to query replicas: bytes on a channel, of which each measurement has one. Best effort:
 * what is sent while nobody is connected, or too fast, is lost; what arrives comes in the order in which one process sent it.
 * Thread-safe; never blocks.
 */
public interface RowBus {

    /**
     * Whether somebody, in any process, may be listening to that channel. Asked for each batch that is written, by the thread
     * of the log: answered from memory, and true where that is not known.
     */
    boolean isWanted(String channel);

    /** Sends a message, which nobody modifies any more; completes when it is under way, or fails. */
    Mono<Void> publish(String channel, byte[] message);

    /** Has {@code receiver} told of each message on that channel, on a thread that it must not block. */
    Disposable subscribe(String channel, Consumer<byte[]> receiver);
}
