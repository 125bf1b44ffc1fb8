package io.weir.storage.gcs;

import com.google.auth.Credentials;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.ObjectTransfer;
import io.weir.storage.object.SilenceLimit;
import java.io.EOFException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Objects in a bucket of Google Cloud Storage, by its JSON API (storage/v1) over Reactor Netty. A key is taken by {@code
 * ifGenerationMatch=0}; content goes with its CRC-32C, which the store checks and keeps. Thread-safe; files and tokens are
 * read on the given scheduler.
 */
public final class GcsObjectStore implements ObjectStore, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(GcsObjectStore.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int REMOVED_AT_ONCE = 16;

    private final GcsSettings settings;
    private final GcsHttp http;
    private final Scheduler io;

    /**
     * A store over that bucket; connects when it is used.
     *
     * @param credentials of google-auth-library, with the scope to read and write; null to send none
     * @param io bounded scheduler for reading files and waiting for tokens; not disposed here
     */
    public GcsObjectStore(GcsSettings settings, @Nullable Credentials credentials, Scheduler io) {
        this.settings = settings;
        this.http = new GcsHttp(settings, credentials, io);
        this.io = io;
    }

    /** What a file is sent as. */
    private record Source(long size, Checksum checksum) {}

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        return ObjectTransfer.onDisk(() -> new Source(Files.size(file), ObjectTransfer.checksum(file)), io)
                .flatMap(source -> (source.size() <= settings.partBytes()
                                ? putWhole(key, ObjectTransfer.read(file, 0, source.size(), io), source)
                                : GcsUpload.send(
                                        http, settings, key, pieces(file, source.size()), hash(source.checksum())))
                        .thenReturn(new ObjectInfo(key, source.size(), source.checksum())))
                .onErrorMap(e -> GcsHttp.failure("put", key, e))
                .flatMap(made -> ObjectTransfer.onDisk(() -> Files.deleteIfExists(file), io)
                        .doOnError(e -> LOG.warn("file {} was put and cannot be removed", file, e))
                        .onErrorReturn(false)
                        .thenReturn(made));
    }

    private Mono<Void> putWhole(String key, Flux<ByteBuffer> content, Source source) {
        return http.<Void>request(
                        HttpMethod.POST,
                        GcsHttp.uploadPath(settings, "media", key),
                        Map.of(
                                "Content-Length", Long.toString(source.size()),
                                "Content-Type", "application/octet-stream",
                                "X-Goog-Hash", hash(source.checksum())),
                        (request, out) -> out.send(content.map(Unpooled::wrappedBuffer)),
                        (answer, body) -> answer.status().code() == 200
                                ? Mono.empty()
                                : Mono.error(GcsHttp.refusal(
                                        "put", key, answer.status().code())))
                .then();
    }

    private static String hash(Checksum checksum) {
        return "crc32c="
                + Base64.getEncoder()
                        .encodeToString(ByteBuffer.allocate(Integer.BYTES)
                                .putInt(checksum.value())
                                .array());
    }

    private record FilePiece(Path file, long offset, long length, boolean last, Scheduler io)
            implements GcsUpload.Piece {
        @Override
        public Flux<ByteBuffer> from(long position) {
            return ObjectTransfer.read(file, position, offset + length - position, io);
        }
    }

    private Flux<GcsUpload.Piece> pieces(Path file, long size) {
        long part = settings.partBytes();
        return Flux.range(0, (int) ((size + part - 1) / part))
                .map(n -> new FilePiece(file, n * part, Math.min(part, size - n * part), (n + 1) * part >= size, io));
    }

    private record MemoryPiece(ByteBuffer content, long offset, boolean last) implements GcsUpload.Piece {
        @Override
        public Flux<ByteBuffer> from(long position) {
            int skipped = (int) (position - offset);
            return Flux.just(content.slice(skipped, content.remaining() - skipped));
        }

        @Override
        public long length() {
            return content.remaining();
        }
    }

    @Override
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        return ObjectTransfer.put(content, whole -> putSmall(key, whole), parts -> putStream(key, parts))
                .onErrorMap(e -> GcsHttp.failure("put", key, e));
    }

    private Mono<ObjectInfo> putSmall(String key, ByteBuffer whole) {
        Source source = new Source(whole.remaining(), Checksum.of(whole));
        return putWhole(key, Flux.just(whole), source)
                .thenReturn(new ObjectInfo(key, source.size(), source.checksum()));
    }

    /** A part that is shorter is the last; when all are full, an empty piece ends the upload. */
    private Mono<ObjectInfo> putStream(String key, Flux<ByteBuffer> parts) {
        AtomicLong sent = new AtomicLong();
        Flux<GcsUpload.Piece> pieces = parts.<GcsUpload.Piece>map(part -> new MemoryPiece(
                        part, sent.getAndAdd(part.remaining()), part.remaining() < ObjectTransfer.STREAM_PART_BYTES))
                .concatWith(Flux.defer(() -> sent.get() % ObjectTransfer.STREAM_PART_BYTES != 0
                        ? Flux.empty()
                        : Flux.just(new MemoryPiece(ByteBuffer.allocate(0), sent.get(), true))));
        return GcsUpload.send(http, settings, key, pieces, "")
                .then(Mono.fromSupplier(() -> new ObjectInfo(key, sent.get())));
    }

    @Override
    public Mono<ObjectInfo> head(String key) {
        return json("head", key, objectPath(key) + "?fields=size,crc32c,updated")
                .map(object -> new ObjectInfo(key, object.path("size").asLong(), checksum(object), modified(object)))
                .onErrorResume(ObjectStoreError.OBJECT_MISSING::is, missing -> Mono.empty());
    }

    private String objectPath(String key) {
        return GcsHttp.bucketPath(settings) + "/"
                + GcsHttp.encode(settings.prefix().add(key));
    }

    private static @Nullable Instant modified(JsonNode object) {
        String text = object.path("updated").asString("");
        return text.isEmpty() ? null : Instant.parse(text);
    }

    private static @Nullable Checksum checksum(JsonNode object) {
        String base64 = object.path("crc32c").asString("");
        return base64.isEmpty()
                ? null
                : new Checksum(
                        ByteBuffer.wrap(Base64.getDecoder().decode(base64)).getInt());
    }

    private Mono<JsonNode> json(String action, String key, String uri) {
        return http.request(
                        HttpMethod.GET,
                        uri,
                        Map.of(),
                        GcsHttp.none(),
                        (answer, body) -> answer.status().code() == 200
                                ? body.aggregate().asString().map(JSON::readTree)
                                : Mono.error(GcsHttp.refusal(
                                        action, key, answer.status().code())))
                .next()
                .onErrorMap(e -> GcsHttp.failure(action, key, e));
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        if (length <= 0) {
            return head(key)
                    .switchIfEmpty(Mono.error(() -> GcsHttp.refusal("read", key, 404)))
                    .thenMany(Flux.empty());
        }
        return http.<ByteBuffer>request(
                        HttpMethod.GET,
                        objectPath(key) + "?alt=media",
                        Map.of("Range", "bytes=" + offset + "-" + (offset + length - 1)),
                        GcsHttp.none(),
                        (answer, body) -> switch (answer.status().code()) {
                            case 200, 206 ->
                                whole(
                                        body.asByteArray().map(ByteBuffer::wrap),
                                        GcsHttp.longHeader(answer.responseHeaders(), HttpHeaderNames.CONTENT_LENGTH));
                            case 416 -> Flux.empty();
                            default ->
                                Flux.error(GcsHttp.refusal(
                                        "read", key, answer.status().code()));
                        })
                .onErrorMap(e -> GcsHttp.failure("read", key, e));
    }

    /** The body, which must have the length that was announced, when one was. */
    private Flux<ByteBuffer> whole(Flux<ByteBuffer> body, long length) {
        AtomicLong got = new AtomicLong();
        return SilenceLimit.on(body, settings.connections().silence())
                .doOnNext(buffer -> got.addAndGet(buffer.remaining()))
                .concatWith(Mono.defer(() -> length < 0 || got.get() == length
                        ? Mono.empty()
                        : Mono.error(new EOFException(length - got.get() + " bytes of the answer are missing"))));
    }

    private record Page(List<ObjectInfo> objects, String next) {}

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        return page(prefix, after, "")
                .expand(page -> page.next().isEmpty() ? Mono.empty() : page(prefix, after, page.next()))
                .concatMapIterable(Page::objects, 1)
                .filter(object -> !object.key().equals(after)); // the API begins with the key it is given
    }

    private Mono<Page> page(String prefix, String after, String token) {
        String uri = GcsHttp.bucketPath(settings) + "?fields=items(name,size,updated),nextPageToken&maxResults="
                + settings.pageKeys() + "&prefix="
                + GcsHttp.encode(settings.prefix().add(prefix))
                + (after.isEmpty()
                        ? ""
                        : "&startOffset=" + GcsHttp.encode(settings.prefix().add(after)))
                + (token.isEmpty() ? "" : "&pageToken=" + GcsHttp.encode(token));
        return json("list", prefix, uri)
                .map(page -> new Page(
                        page.path("items").valueStream().map(this::listed).toList(),
                        page.path("nextPageToken").asString("")));
    }

    private ObjectInfo listed(JsonNode item) {
        return new ObjectInfo(
                settings.prefix().remove(item.path("name").asString()),
                item.path("size").asLong(),
                null,
                modified(item));
    }

    @Override
    public Mono<Void> remove(String key) {
        return http.<Void>request(
                        HttpMethod.DELETE,
                        objectPath(key),
                        Map.of(),
                        GcsHttp.none(),
                        (answer, body) -> switch (answer.status().code()) {
                            case 200, 204, 404 -> Mono.empty();
                            default ->
                                Mono.error(GcsHttp.refusal(
                                        "remove", key, answer.status().code()));
                        })
                .onErrorMap(e -> GcsHttp.failure("remove", key, e))
                .then();
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        return ObjectTransfer.removeEach(this, keys, REMOVED_AT_ONCE);
    }

    /** Closes its connections; calls under way fail. */
    @Override
    public void close() {
        http.close();
    }
}
