package io.weir.storage.setup;

import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import io.weir.storage.s3.S3Credentials;
import io.weir.storage.s3.S3Encryption;
import io.weir.storage.s3.S3Settings;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * S3 and what speaks its protocol, {@code weir.storage.s3.*}.
 *
 * @param endpoint for MinIO and other stores of one's own, such as {@code http://minio:9000}; default AWS
 * @param region needed for AWS; others take the default, {@code us-east-1}
 * @param bucket which exists
 * @param pathStyle the bucket in the path; default true for {@code minio}, else false
 * @param credentials {@code chain} (default: the first there is), {@code static}, {@code profile}, {@code web-identity} (IRSA),
 *     {@code instance}
 * @param accessKey of {@code static}
 * @param secretKey of {@code static}
 * @param sessionToken of {@code static}, if the key is temporary
 * @param profile of {@code profile}, default {@code default}
 * @param encryption {@code bucket} (default: what the bucket does), {@code aes256}, {@code kms}
 * @param kmsKeyId of {@code kms}, default the account's own
 * @param partSize of large files, default 16 MB, 5 MB to 1 GB
 */
public record S3Options(
        @DefaultValue("") String endpoint,
        @DefaultValue("us-east-1") String region,
        @DefaultValue("") String bucket,
        @Nullable Boolean pathStyle,
        @DefaultValue("chain") Identity credentials,
        @DefaultValue("") String accessKey,
        @DefaultValue("") String secretKey,
        @DefaultValue("") String sessionToken,
        @DefaultValue("default") String profile,
        @DefaultValue("bucket") Encryption encryption,
        @DefaultValue("") String kmsKeyId,
        @DefaultValue("16MB") DataSize partSize) {

    private static final DataSize LEAST_PART = DataSize.ofMegabytes(5);
    private static final DataSize MOST_PART = DataSize.ofGigabytes(1);

    /** Where credentials come from. */
    public enum Identity {
        CHAIN,
        STATIC,
        PROFILE,
        WEB_IDENTITY,
        INSTANCE
    }

    /** Which encryption at rest is asked for. */
    public enum Encryption {
        BUCKET,
        AES256,
        KMS
    }

    public S3Options {
        Require.that(
                partSize.compareTo(LEAST_PART) >= 0 && partSize.compareTo(MOST_PART) <= 0,
                "s3.part-size",
                partSize,
                "5MB to 1GB");
        Require.that(
                endpoint.isEmpty() || endpoint.matches("https?://[^/]+/?"),
                "s3.endpoint",
                endpoint,
                "http:// or https://, a host and perhaps a port");
    }

    /** The same way to another bucket. */
    S3Options inBucket(String another) {
        return new S3Options(
                endpoint,
                region,
                another,
                pathStyle,
                credentials,
                accessKey,
                secretKey,
                sessionToken,
                profile,
                encryption,
                kmsKeyId,
                partSize);
    }

    void requireComplete(StoreType type) {
        Require.given("s3.bucket", bucket, "the name of an existing bucket");
        if (type == StoreType.MINIO) {
            Require.given("s3.endpoint", endpoint, "the address of MinIO, such as http://minio:9000");
        }
        if (credentials == Identity.STATIC) {
            Require.given("s3.access-key", accessKey, "a key, for credentials static");
            Require.given("s3.secret-key", secretKey, "its secret, for credentials static");
        }
    }

    S3Settings settings(StoreType type, KeyPrefix prefix, ConnectionLimits connections) {
        return new S3Settings(
                endpoint.isEmpty() ? Optional.empty() : Optional.of(URI.create(endpoint)),
                region,
                bucket,
                prefix,
                pathStyle == null ? type == StoreType.MINIO : pathStyle,
                switch (credentials) {
                    case CHAIN -> new S3Credentials.Chain();
                    case STATIC -> new S3Credentials.Static(accessKey, secretKey, sessionToken);
                    case PROFILE -> new S3Credentials.Profile(profile);
                    case WEB_IDENTITY -> new S3Credentials.WebIdentity();
                    case INSTANCE -> new S3Credentials.Instance();
                },
                switch (encryption) {
                    case BUCKET -> new S3Encryption.BucketDefault();
                    case AES256 -> new S3Encryption.StoreKeys();
                    case KMS -> new S3Encryption.Kms(kmsKeyId);
                },
                connections,
                Math.toIntExact(partSize.toBytes()),
                S3Settings.MOST_PAGE_KEYS);
    }

    @Override
    public String toString() {
        return "S3Options[bucket=" + bucket + ", endpoint=" + endpoint + ", credentials=" + credentials + "]";
    }
}
