package io.weir.storage.s3;

import io.weir.common.error.WeirException;
import io.weir.storage.object.Checksum;
import io.weir.storage.object.NotRemoved;
import io.weir.storage.object.ObjectInfo;
import io.weir.storage.object.ObjectStore;
import io.weir.storage.object.ObjectStoreError;
import io.weir.storage.object.ObjectTransfer;
import io.weir.storage.object.SilenceLimit;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import software.amazon.awssdk.core.async.AsyncResponseTransformer;
import software.amazon.awssdk.core.async.ResponsePublisher;
import software.amazon.awssdk.services.s3.model.Delete;
import software.amazon.awssdk.services.s3.model.DeleteObjectsResponse;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectIdentifier;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.ServerSideEncryption;

/**
 * Objects in a bucket of S3 or of a store that speaks its protocol, MinIO among them. A key is taken by {@code
 * If-None-Match: *}, on a whole put as on putting parts together; every request that carries content carries its MD5; the
 * object's CRC-32C is kept as metadata. Nothing is retried here but single parts. Thread-safe; sockets are served by
 * threads of its own, which never block, files on the given scheduler.
 */
public final class S3ObjectStore implements ObjectStore, AutoCloseable {

    static final String CHECKSUM = "weir-crc32c";
    static final ServerSideEncryption AES256 = ServerSideEncryption.AES256;
    static final ServerSideEncryption KMS = ServerSideEncryption.AWS_KMS;

    private static final Logger LOG = LoggerFactory.getLogger(S3ObjectStore.class);
    private static final int MOST_PARTS = 10_000;
    private static final int REMOVED_AT_ONCE = 1_000;
    private static final int REMOVALS_AT_ONCE = 4;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final S3Settings settings;
    private final S3Connection connection;

    private final Scheduler io;

    /**
     * A store over that bucket; connects when it is used.
     *
     * @param io bounded scheduler for reading files and credentials; not disposed here
     */
    public S3ObjectStore(S3Settings settings, Scheduler io) {
        this.settings = settings;
        this.connection = S3Connection.open(settings, io);
        this.io = io;
    }

    @Override
    public Mono<ObjectInfo> put(String key, Path file) {
        return ObjectTransfer.onDisk(() -> Files.size(file), io)
                .flatMap(size -> size <= settings.partBytes() ? putWhole(key, file, size) : putParts(key, file, size))
                .onErrorMap(e -> S3Failures.of("put", key, e))
                .flatMap(made -> ObjectTransfer.onDisk(() -> Files.deleteIfExists(file), io)
                        .doOnError(e -> LOG.warn("file {} was put and cannot be removed", file, e))
                        .onErrorReturn(false)
                        .thenReturn(made));
    }

    private Mono<ObjectInfo> putWhole(String key, Path file, long size) {
        return S3Body.of(file, 0, size, io).flatMap(body -> put(key, body));
    }

    private Mono<ObjectInfo> put(String key, S3Body body) {
        return connection
                .call(client -> client.putObject(request(key, body), body.content()))
                .thenReturn(new ObjectInfo(key, body.bytes(), body.checksum()));
    }

    private PutObjectRequest request(String key, S3Body body) {
        PutObjectRequest.Builder put = PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(settings.prefix().add(key))
                .ifNoneMatch("*")
                .contentLength(body.bytes())
                .contentMD5(body.md5())
                .metadata(Map.of(CHECKSUM, body.checksum().text()));
        if (settings.encryption() instanceof S3Encryption.StoreKeys) {
            put.serverSideEncryption(AES256);
        }
        if (settings.encryption() instanceof S3Encryption.Kms kms) {
            put.serverSideEncryption(KMS).ssekmsKeyId(kms.keyId().isEmpty() ? null : kms.keyId());
        }
        return put.build();
    }

    private Mono<ObjectInfo> putParts(String key, Path file, long size) {
        long partBytes = Math.max(settings.partBytes(), (size + MOST_PARTS - 1) / MOST_PARTS);
        int count = (int) ((size + partBytes - 1) / partBytes);
        Flux<Mono<S3Body>> parts = Flux.range(0, count)
                .map(n -> S3Body.of(file, n * partBytes, Math.min(partBytes, size - n * partBytes), io));
        return ObjectTransfer.onDisk(() -> ObjectTransfer.checksum(file), io)
                .flatMap(checksum -> S3Upload.send(
                                connection, settings, settings.prefix().add(key), parts, checksum)
                        .thenReturn(new ObjectInfo(key, size, checksum)));
    }

    @Override
    public Mono<ObjectInfo> put(String key, Publisher<ByteBuffer> content) {
        return ObjectTransfer.put(content, whole -> putSmall(key, whole), parts -> putStream(key, parts))
                .onErrorMap(e -> S3Failures.of("put", key, e));
    }

    private Mono<ObjectInfo> putSmall(String key, ByteBuffer whole) {
        return S3Body.of(whole, io).flatMap(body -> put(key, body));
    }

    private Mono<ObjectInfo> putStream(String key, Flux<ByteBuffer> parts) {
        long[] bytes = {0};
        return S3Upload.send(
                        connection,
                        settings,
                        settings.prefix().add(key),
                        parts.doOnNext(part -> bytes[0] += part.remaining()).map(part -> S3Body.of(part, io)),
                        null)
                .then(Mono.fromSupplier(() -> new ObjectInfo(key, bytes[0])));
    }

    @Override
    public Mono<ObjectInfo> head(String key) {
        return connection
                .call(client -> client.headObject(head ->
                        head.bucket(settings.bucket()).key(settings.prefix().add(key))))
                .map(head -> new ObjectInfo(key, head.contentLength(), checksum(head), head.lastModified()))
                .onErrorResume(S3Failures::isMissing, missing -> Mono.empty())
                .onErrorMap(e -> S3Failures.of("head", key, e));
    }

    private static @Nullable Checksum checksum(HeadObjectResponse head) {
        String text = head.metadata().get(CHECKSUM);
        return text == null ? null : Checksum.parse(text);
    }

    @Override
    public Flux<ByteBuffer> read(String key, long offset, long length) {
        if (length <= 0) {
            return head(key).switchIfEmpty(Mono.error(() -> missing(key))).thenMany(Flux.empty());
        }
        return connection
                .call(client -> client.getObject(
                        get -> get.bucket(settings.bucket())
                                .key(settings.prefix().add(key))
                                .range("bytes=" + offset + "-" + (offset + length - 1)),
                        AsyncResponseTransformer.<GetObjectResponse>toPublisher()))
                .flatMapMany(this::whole)
                .doOnDiscard(ResponsePublisher.class, S3ObjectStore::abandon)
                .onErrorResume(S3ObjectStore::isPastTheEnd, end -> Flux.empty())
                .onErrorMap(e -> S3Failures.of("read", key, e));
    }

    /** Lets go of the connection of an answer that came when nobody wanted it any more. */
    private static void abandon(ResponsePublisher<?> answer) {
        Flux.from(answer).subscribe().dispose();
    }

    /** The body, which must have the length that was announced. */
    private Flux<ByteBuffer> whole(ResponsePublisher<GetObjectResponse> answer) {
        return Flux.defer(() -> {
            long[] left = {answer.response().contentLength()};
            // The SDK forgets a stream whose connection the other side has half closed.
            return SilenceLimit.on(Flux.from(answer), settings.connections().silence())
                    .doOnNext(buffer -> left[0] -= buffer.remaining())
                    .map(S3ObjectStore::owned)
                    .concatWith(Mono.defer(() -> left[0] == 0
                            ? Mono.empty()
                            : Mono.error(new java.io.EOFException(left[0] + " bytes of the answer are missing"))));
        });
    }

    private static ByteBuffer owned(ByteBuffer buffer) {
        return buffer.hasArray()
                ? buffer
                : ByteBuffer.allocate(buffer.remaining()).put(buffer).flip();
    }

    private static boolean isPastTheEnd(Throwable failure) {
        Throwable cause = failure instanceof java.util.concurrent.CompletionException ? failure.getCause() : failure;
        return cause instanceof software.amazon.awssdk.awscore.exception.AwsServiceException answer
                && answer.statusCode() == RANGE_NOT_SATISFIABLE;
    }

    private static WeirException missing(String key) {
        return new WeirException(ObjectStoreError.OBJECT_MISSING, "object " + key + " is missing");
    }

    @Override
    public Flux<ObjectInfo> list(String prefix, String after) {
        return page(prefix, after, null)
                .expand(page -> page.isTruncated() ? page(prefix, after, page.nextContinuationToken()) : Mono.empty())
                .concatMapIterable(ListObjectsV2Response::contents, 1)
                .map(object -> new ObjectInfo(
                        settings.prefix().remove(object.key()), object.size(), null, object.lastModified()));
    }

    private Mono<ListObjectsV2Response> page(String prefix, String after, @Nullable String token) {
        return connection
                .call(client -> client.listObjectsV2(list -> list.bucket(settings.bucket())
                        .prefix(settings.prefix().add(prefix))
                        .startAfter(after.isEmpty() ? null : settings.prefix().add(after))
                        .continuationToken(token)
                        .maxKeys(settings.pageKeys())))
                .onErrorMap(e -> S3Failures.of("list", prefix, e));
    }

    @Override
    public Mono<Void> remove(String key) {
        return connection
                .call(client -> client.deleteObject(delete ->
                        delete.bucket(settings.bucket()).key(settings.prefix().add(key))))
                .onErrorResume(S3Failures::isMissing, gone -> Mono.empty())
                .onErrorMap(e -> S3Failures.of("remove", key, e))
                .then();
    }

    @Override
    public Flux<NotRemoved> removeAll(Collection<String> keys) {
        return Flux.fromIterable(keys).buffer(REMOVED_AT_ONCE).flatMap(this::removeBatch, REMOVALS_AT_ONCE);
    }

    private Flux<NotRemoved> removeBatch(List<String> keys) {
        List<ObjectIdentifier> identifiers = keys.stream()
                .map(key -> ObjectIdentifier.builder()
                        .key(settings.prefix().add(key))
                        .build())
                .toList();
        return connection
                .call(client -> client.deleteObjects(delete -> delete.bucket(settings.bucket())
                        .delete(Delete.builder()
                                .objects(identifiers)
                                .quiet(true)
                                .build())))
                .flatMapIterable(this::notRemoved)
                .onErrorResume(e ->
                        Flux.fromIterable(keys).map(key -> new NotRemoved(key, S3Failures.of("remove", key, e))));
    }

    private List<NotRemoved> notRemoved(DeleteObjectsResponse answer) {
        return answer.errors().stream()
                .filter(error -> !"NoSuchKey".equals(error.code()))
                .map(error -> {
                    String key = settings.prefix().remove(error.key());
                    return new NotRemoved(
                            key,
                            new WeirException(
                                    ObjectStoreError.OBJECT_STORE_FAILED,
                                    "could not remove object " + key + ": the store answered " + error.code()));
                })
                .toList();
    }

    /** Closes its connections; calls under way fail. */
    /** When the credentials used latest end; empty where they do not, or nobody says. */
    public Optional<Instant> credentialsExpire() {
        return connection.credentials().expire();
    }

    @Override
    public void close() {
        connection.close();
    }
}
