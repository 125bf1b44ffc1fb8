package io.weir.ingest.imports;

import io.weir.ingest.idempotency.KeyClaim;
import io.weir.ingest.idempotency.KeyHeader;
import io.weir.ingest.wal.WriteKey;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The body of a request that sends a file; read once, by one of its methods.
 *
 * @param buffers its bytes as sent
 * @param encoding content encoding, or null
 * @param length bytes it is said to have, or -1
 */
record ImportBody(Flux<DataBuffer> buffers, @Nullable String encoding, long length) {

    private static final int BUFFERS_AHEAD = 4;
    private static final int SCRATCH_BYTES = 16 << 10;

    /** Reads it to its end on a thread of that scheduler; {@code taker} releases every buffer it is given. */
    Mono<Void> read(Scheduler scheduler, Consumer<DataBuffer> taker) {
        return buffers.publishOn(scheduler, BUFFERS_AHEAD)
                .doOnNext(taker)
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release)
                .then();
    }

    /**
     * Reads it to see whether its request is the earlier one with the key, and no further than it can be; fails with
     * {@code idempotency-key-reused} when it is not.
     */
    Mono<Void> requireRepeat(Scheduler scheduler, KeyClaim claim, WriteKey first) {
        if (length >= 0 && length != first.bodyBytes()) {
            return Mono.error(() -> KeyHeader.reused(first, length));
        }
        byte[] scratch = new byte[SCRATCH_BYTES];
        return read(scheduler, buffer -> {
                    feed(buffer, scratch, claim);
                    if (claim.fingerprint().bodyBytes() > first.bodyBytes()) {
                        throw KeyHeader.reused(first, claim.fingerprint().bodyBytes());
                    }
                })
                .then(Mono.defer(() -> claim.isRepeatOf(first)
                        ? Mono.empty()
                        : Mono.error(KeyHeader.reused(first, claim.fingerprint().bodyBytes()))));
    }

    private static void feed(DataBuffer buffer, byte[] scratch, KeyClaim claim) {
        try {
            while (buffer.readableByteCount() > 0) {
                int bytes = Math.min(scratch.length, buffer.readableByteCount());
                buffer.read(scratch, 0, bytes);
                claim.fingerprint().update(scratch, 0, bytes);
            }
        } finally {
            DataBufferUtils.release(buffer);
        }
    }
}
