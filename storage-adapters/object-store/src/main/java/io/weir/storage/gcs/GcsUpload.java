package io.weir.storage.gcs;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.weir.common.error.WeirException;
import io.weir.storage.object.ObjectStoreError;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * One resumable upload: requests that each carry a piece, the last one making the object, if the key is free. A piece that
 * failed is continued where the store says it is. What fails before the last piece is given up; the last one may have
 * happened, so nothing is.
 */
final class GcsUpload {

    private static final Logger LOG = LoggerFactory.getLogger(GcsUpload.class);
    private static final int RESUME_INCOMPLETE = 308;
    private static final int MOST_RESUMES = 3;
    private static final Duration RESUME_PAUSE = Duration.ofMillis(300);
    private static final Duration GIVE_UP_PATIENCE = Duration.ofSeconds(10);

    private final GcsHttp http;
    private final String key;
    private final String session;
    private volatile boolean finishing;

    private GcsUpload(GcsHttp http, String key, String session) {
        this.http = http;
        this.key = key;
        this.session = session;
    }

    /** A piece of the content, from {@code offset} on; readable again from anywhere within. */
    interface Piece {
        /** Its bytes from that position of the object on. */
        Flux<ByteBuffer> from(long position);

        /** Position in the object of its first byte. */
        long offset();

        /** Bytes. */
        long length();

        /** Whether it is the last. */
        boolean last();
    }

    /**
     * Sends the pieces one after the other.
     *
     * @param checksum {@code crc32c=…} as the header {@code X-Goog-Hash} has it, or empty when it is not known before
     */
    static Mono<Void> send(GcsHttp http, GcsSettings settings, String key, Flux<Piece> pieces, String checksum) {
        return Mono.usingWhen(
                open(http, settings, key, checksum),
                upload -> pieces.concatMap(upload::send, 1).then(),
                upload -> Mono.empty(),
                (upload, failure) -> upload.giveUp(),
                GcsUpload::giveUp);
    }

    private static Mono<GcsUpload> open(GcsHttp http, GcsSettings settings, String key, String checksum) {
        Map<String, String> headers = checksum.isEmpty() ? Map.of() : Map.of("X-Goog-Hash", checksum);
        return http.<GcsUpload>request(
                        HttpMethod.POST,
                        GcsHttp.uploadPath(settings, "resumable", key),
                        headers,
                        GcsHttp.nothing(),
                        (answer, body) -> {
                            String session = answer.responseHeaders().get(HttpHeaderNames.LOCATION);
                            if (answer.status().code() != 200 || session == null) {
                                return Mono.error(GcsHttp.refusal(
                                        "put", key, answer.status().code()));
                            }
                            if (!GcsHttp.isOf(settings, session)) {
                                return Mono.error(new WeirException(
                                        ObjectStoreError.OBJECT_STORE_REFUSED,
                                        "could not put object " + key + ": the store sends its content elsewhere"));
                            }
                            return Mono.just(new GcsUpload(http, key, session));
                        })
                .next();
    }

    private Mono<Void> send(Piece piece) {
        return send(piece, piece.offset(), MOST_RESUMES);
    }

    private Mono<Void> send(Piece piece, long from, int resumes) {
        return transfer(piece, from)
                .onErrorMap(e -> GcsHttp.failure("put", key, e))
                .onErrorResume(
                        e -> resumes > 0
                                && (ObjectStoreError.OBJECT_STORE_FAILED.is(e)
                                        || ObjectStoreError.OBJECT_STORE_TIMEOUT.is(e)),
                        e -> Mono.delay(RESUME_PAUSE)
                                .then(reached(piece).retryWhen(Retry.fixedDelay(MOST_RESUMES, RESUME_PAUSE)))
                                .onErrorMap(again -> e))
                .flatMap(reached -> {
                    if (reached >= piece.offset() + piece.length()) {
                        return Mono.<Void>empty();
                    }
                    if (resumes == 0 || reached < piece.offset()) {
                        return Mono.error(new WeirException(
                                ObjectStoreError.OBJECT_STORE_FAILED,
                                "could not put object " + key + ": the store has " + reached + " bytes of "
                                        + (piece.offset() + piece.length())));
                    }
                    return send(piece, reached, resumes - 1);
                });
    }

    /** Sends the rest of a piece; the result is how many bytes of the object the store has then. */
    private Mono<Long> transfer(Piece piece, long from) {
        long end = piece.offset() + piece.length();
        String range =
                (end == from ? "bytes */" : "bytes " + from + "-" + (end - 1) + "/") + (piece.last() ? end : "*");
        return http.request(
                        HttpMethod.PUT,
                        session,
                        Map.of("Content-Range", range, "Content-Length", Long.toString(end - from)),
                        (request, out) -> {
                            finishing = piece.last();
                            return out.send(piece.from(from).map(Unpooled::wrappedBuffer));
                        },
                        (answer, body) -> progress(
                                answer.status().code(), answer.responseHeaders().get("Range"), end))
                .next();
    }

    private Mono<Long> reached(Piece piece) {
        long end = piece.offset() + piece.length();
        return http.request(
                        HttpMethod.PUT,
                        session,
                        Map.of("Content-Range", "bytes */" + (piece.last() ? end : "*"), "Content-Length", "0"),
                        GcsHttp.none(),
                        (answer, body) -> progress(
                                answer.status().code(), answer.responseHeaders().get("Range"), end))
                .next();
    }

    private Mono<Long> progress(int status, @org.jspecify.annotations.Nullable String range, long end) {
        if (status == 200 || status == 201) {
            return Mono.just(end);
        }
        if (status == RESUME_INCOMPLETE) {
            return Mono.just(range == null ? 0 : Long.parseLong(range.substring(range.indexOf('-') + 1)) + 1);
        }
        WeirException refusal = GcsHttp.refusal("put", key, status);
        finishing = finishing && ObjectStoreError.outcomeUnknown(refusal);
        return Mono.error(refusal);
    }

    private Mono<Void> giveUp() {
        if (finishing) {
            LOG.warn("an upload of {} may or may not have been finished; it is left", key);
            return Mono.empty();
        }
        return http.request(
                        HttpMethod.DELETE, session, Map.of(), GcsHttp.nothing(), (answer, body) -> Mono.<Void>empty())
                .timeout(GIVE_UP_PATIENCE)
                .doOnError(
                        e -> LOG.warn("an upload of {} is left in the store, which forgets it within a week", key, e))
                .onErrorComplete()
                .then();
    }
}
