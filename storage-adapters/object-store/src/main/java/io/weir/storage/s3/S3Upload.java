package io.weir.storage.s3;

import io.weir.storage.object.Checksum;
import io.weir.storage.object.ObjectStoreError;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;
import software.amazon.awssdk.services.s3.model.CompletedPart;

/**
 * One object sent in parts. Its parts are invisible until the store has put them together, which it does only when the key
 * is free. What fails before that is given up; once putting together was asked for, nothing is: it may have happened.
 */
final class S3Upload {

    private static final Logger LOG = LoggerFactory.getLogger(S3Upload.class);
    private static final int PARTS_AT_ONCE = 3;
    private static final int MOST_PART_RETRIES = 3;
    private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
    private static final Duration GIVE_UP_PATIENCE = Duration.ofSeconds(10);

    private final S3Connection connection;
    private final S3Settings settings;
    private final String storeKey;
    private volatile String id = "";
    private volatile boolean completing;

    private S3Upload(S3Connection connection, S3Settings settings, String storeKey) {
        this.connection = connection;
        this.settings = settings;
        this.storeKey = storeKey;
    }

    /**
     * Sends the parts, a few at once, and puts them together.
     *
     * @param parts asked for as they can be sent
     * @param checksum of the whole, when it is known before
     */
    static Mono<Void> send(
            S3Connection connection,
            S3Settings settings,
            String storeKey,
            Flux<Mono<S3Body>> parts,
            @Nullable Checksum checksum) {
        return Mono.usingWhen(
                Mono.defer(() -> new S3Upload(connection, settings, storeKey).create(checksum)),
                upload -> upload.sendAll(parts),
                upload -> Mono.empty(),
                (upload, failure) -> upload.giveUp(),
                S3Upload::giveUp);
    }

    private Mono<S3Upload> create(@Nullable Checksum checksum) {
        return connection
                .call(client -> client.createMultipartUpload(create -> {
                    create.bucket(settings.bucket()).key(storeKey);
                    if (checksum != null) {
                        create.metadata(Map.of(S3ObjectStore.CHECKSUM, checksum.text()));
                    }
                    if (settings.encryption() instanceof S3Encryption.StoreKeys) {
                        create.serverSideEncryption(S3ObjectStore.AES256);
                    }
                    if (settings.encryption() instanceof S3Encryption.Kms kms) {
                        create.serverSideEncryption(S3ObjectStore.KMS);
                        create.ssekmsKeyId(kms.keyId().isEmpty() ? null : kms.keyId());
                    }
                }))
                .map(made -> {
                    id = made.uploadId();
                    return this;
                });
    }

    private Mono<Void> sendAll(Flux<Mono<S3Body>> parts) {
        return parts.index()
                .flatMap(
                        part -> part.getT2().flatMap(body -> send(part.getT1().intValue() + 1, body)), PARTS_AT_ONCE, 1)
                .sort(Comparator.comparing(CompletedPart::partNumber))
                .collectList()
                .flatMap(this::complete);
    }

    /** A part is the same however often it is sent, so it alone is sent again, not the whole file. */
    private Mono<CompletedPart> send(int number, S3Body body) {
        return connection
                .call(client -> client.uploadPart(
                        part -> part.bucket(settings.bucket())
                                .key(storeKey)
                                .uploadId(id)
                                .partNumber(number)
                                .contentLength(body.bytes())
                                .contentMD5(body.md5()),
                        body.content()))
                .onErrorMap(e -> S3Failures.of("put part " + number + " of", storeKey, e))
                .retryWhen(Retry.backoff(MOST_PART_RETRIES, FIRST_BACKOFF)
                        .filter(ObjectStoreError.OBJECT_STORE_FAILED::is)
                        .onRetryExhaustedThrow((spec, signal) -> signal.failure()))
                .map(sent -> CompletedPart.builder()
                        .partNumber(number)
                        .eTag(sent.eTag())
                        .build());
    }

    private Mono<Void> complete(List<CompletedPart> parts) {
        return connection
                .call(client -> {
                    completing = true;
                    return client.completeMultipartUpload(complete -> complete.bucket(settings.bucket())
                            .key(storeKey)
                            .uploadId(id)
                            .ifNoneMatch("*")
                            .multipartUpload(all -> all.parts(parts)));
                })
                .onErrorMap(e -> S3Failures.of("put", storeKey, e))
                .doOnError(e -> completing = ObjectStoreError.outcomeUnknown(e))
                .then();
    }

    private Mono<Void> giveUp() {
        if (completing) {
            LOG.warn("upload {} of {} may or may not have been put together; its parts are left", id, storeKey);
            return Mono.empty();
        }
        return connection
                .call(client -> client.abortMultipartUpload(
                        abort -> abort.bucket(settings.bucket()).key(storeKey).uploadId(id)))
                .timeout(GIVE_UP_PATIENCE)
                .doOnError(e -> LOG.warn(
                        "the parts of upload {} of {} are left in the store (expected: a lifecycle rule that removes them)",
                        id,
                        storeKey,
                        e))
                .onErrorComplete()
                .then();
    }
}
