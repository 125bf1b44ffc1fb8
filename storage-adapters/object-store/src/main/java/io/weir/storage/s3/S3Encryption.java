package io.weir.storage.s3;

/** Which encryption at rest is asked for with each object. */
public sealed interface S3Encryption {

    /** None is asked for: what the bucket does by default. */
    record BucketDefault() implements S3Encryption {}

    /** Keys of the store, {@code AES256}. */
    record StoreKeys() implements S3Encryption {}

    /**
     * A key management service, {@code aws:kms}.
     *
     * @param keyId which key; empty for the account's own
     */
    record Kms(String keyId) implements S3Encryption {}
}
