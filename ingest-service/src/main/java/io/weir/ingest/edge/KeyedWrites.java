package io.weir.ingest.edge;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.ingest.IngestError;
import io.weir.ingest.WriteOutcome;
import io.weir.ingest.idempotency.KeyClaim;
import io.weir.ingest.idempotency.OutcomeText;
import io.weir.ingest.idempotency.RequestFingerprint;
import io.weir.ingest.idempotency.WriteKeys;
import io.weir.ingest.wal.WriteKey;
import java.net.URI;
import java.util.List;
import java.util.Map;
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

    static final String HEADER = "Idempotency-Key";

    /** Says that an answer is that of an earlier request. */
    static final String REPLAYED_HEADER = "Idempotent-Replayed";

    private static final int MAX_KEY_LENGTH = 255;
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
        List<String> header = request.headers().header(HEADER);
        if (header.isEmpty()) {
            return write.apply(null);
        }
        DatabaseId database = dialect.database(request);
        KeyClaim claim = keys.claim(database, key(header), requestLine(request));
        return claim.acquire()
                .flatMap(known -> known.isPresent() ? repeated(request, claim, known.get()) : write.apply(claim))
                .doFinally(signal -> claim.close());
    }

    private static String key(List<String> header) {
        String key = header.get(0);
        boolean printable = key.chars().allMatch(c -> c >= ' ' && c <= '~');
        if (header.size() > 1 || key.isBlank() || key.length() > MAX_KEY_LENGTH || !printable) {
            String found = header.size() > 1
                    ? header.size() + " of them"
                    : printable ? key.length() + " characters" : "characters that are not printable ASCII";
            throw new WeirException(
                    CommonError.INVALID_REQUEST,
                    HEADER + " has " + found + " (expected: one, of 1 to " + MAX_KEY_LENGTH
                            + " printable ASCII characters)",
                    Map.of("header", HEADER));
        }
        return key;
    }

    /** The same body means other rows on another route or with another precision. */
    private static String requestLine(ServerRequest request) {
        URI uri = request.uri();
        String query = uri.getRawQuery();
        return query == null ? uri.getRawPath() : uri.getRawPath() + "?" + query;
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
                        throw new WeirException(
                                IngestError.IDEMPOTENCY_KEY_REUSED,
                                HEADER + " was used for another request (its body had " + first.bodyBytes()
                                        + " bytes, this one has "
                                        + claim.fingerprint().bodyBytes()
                                        + "; expected: a key of its own for each request); nothing was stored",
                                Map.of("header", HEADER));
                    }
                    request.exchange().getResponse().getHeaders().set(REPLAYED_HEADER, "true");
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
