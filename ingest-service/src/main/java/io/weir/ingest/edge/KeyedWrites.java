package io.weir.ingest.edge;

import io.weir.common.model.DatabaseId;
import io.weir.ingest.WriteOutcome;
import io.weir.ingest.idempotency.KeyClaim;
import io.weir.ingest.idempotency.KeyHeader;
import io.weir.ingest.idempotency.OutcomeText;
import io.weir.ingest.idempotency.RequestFingerprint;
import io.weir.ingest.idempotency.WriteKeys;
import io.weir.ingest.wal.WriteKey;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.reactive.function.server.ServerRequest;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Writes that carry an {@code Idempotency-Key}: the first one with a key is done, a repetition is answered as the first
 * was, after its body was read to see that it is one. Without the header nothing of this happens.
 */
final class KeyedWrites {

    private static final int BUFFERS_AHEAD = 2;

    private final WriteKeys keys;
    private final Scheduler decode;
    private final long maxWireBytes;

    KeyedWrites(WriteKeys keys, Scheduler decode, long maxWireBytes) {
        this.keys = keys;
        this.decode = decode;
        this.maxWireBytes = maxWireBytes;
    }

    /** Runs the write with the claim on its key, or without one; or answers as an earlier request was answered. */
    Mono<WriteOutcome> once(
            ServerRequest request, Dialect dialect, Function<@Nullable KeyClaim, Mono<WriteOutcome>> write) {
        String key = KeyHeader.read(request.headers().header(KeyHeader.NAME));
        if (key == null) {
            return write.apply(null);
        }
        DatabaseId database = dialect.database(request);
        KeyClaim claim = keys.claim(database, key, KeyHeader.requestLine(request.uri()));
        return claim.acquire()
                .flatMap(known -> known.isPresent() ? repeated(request, claim, known.get()) : write.apply(claim))
                .doFinally(signal -> claim.close());
    }

    private Mono<WriteOutcome> repeated(ServerRequest request, KeyClaim claim, WriteKey first) {
        return request.exchange()
                .getRequest()
                .getBody()
                .publishOn(decode, BUFFERS_AHEAD)
                .doOnNext(buffer -> read(buffer, claim.fingerprint()))
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release)
                .then(Mono.fromCallable(() -> {
                    if (!claim.isRepeatOf(first)) {
                        throw KeyHeader.reused(first, claim.fingerprint().bodyBytes());
                    }
                    request.exchange().getResponse().getHeaders().set(KeyHeader.REPLAYED, "true");
                    return OutcomeText.read(first.outcome());
                }));
    }

    /** Takes and releases one buffer. */
    private void read(DataBuffer buffer, RequestFingerprint fingerprint) {
        try {
            byte[] scratch = BodySession.SCRATCH.get();
            while (buffer.readableByteCount() > 0) {
                int length = Math.min(scratch.length, buffer.readableByteCount());
                buffer.read(scratch, 0, length);
                fingerprint.update(scratch, 0, length);
            }
            BodySession.requireLength(fingerprint.bodyBytes(), maxWireBytes);
        } finally {
            DataBufferUtils.release(buffer);
        }
    }
}
