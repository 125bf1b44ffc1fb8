package io.weir.storage.setup;

import com.google.auth.Credentials;
import com.google.auth.oauth2.GoogleCredentials;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.storage.gcs.GcsSettings;
import io.weir.storage.object.ConnectionLimits;
import io.weir.storage.object.KeyPrefix;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Google Cloud Storage, {@code weir.storage.gcs.*}.
 *
 * @param bucket which exists
 * @param endpoint of the JSON API, default the public one
 * @param credentials {@code application} (default: workload identity, the instance's account, or what
 *     {@code GOOGLE_APPLICATION_CREDENTIALS} names), {@code file}, {@code none}
 * @param credentialsFile of {@code file}: a service account's key or a configuration of workload identity federation
 * @param partSize of large files, default 16 MB, a multiple of 256 KB up to 1 GB
 */
public record GcsOptions(
        @DefaultValue("") String bucket,
        @DefaultValue("https://storage.googleapis.com") String endpoint,
        @DefaultValue("application") Identity credentials,
        @DefaultValue("") String credentialsFile,
        @DefaultValue("16MB") DataSize partSize) {

    private static final String SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
    private static final DataSize MOST_PART = DataSize.ofGigabytes(1);

    /** Where credentials come from. */
    public enum Identity {
        APPLICATION,
        FILE,
        NONE
    }

    public GcsOptions {
        Require.that(
                partSize.toBytes() > 0
                        && partSize.toBytes() % GcsSettings.PART_UNIT_BYTES == 0
                        && partSize.compareTo(MOST_PART) <= 0,
                "gcs.part-size",
                partSize,
                "a multiple of 256KB, up to 1GB");
        Require.that(
                endpoint.matches("https?://[^/]+"),
                "gcs.endpoint",
                endpoint,
                "http:// or https://, a host and perhaps a port");
    }

    /** The same way to another bucket. */
    GcsOptions inBucket(String another) {
        return new GcsOptions(another, endpoint, credentials, credentialsFile, partSize);
    }

    void requireComplete() {
        Require.given("gcs.bucket", bucket, "the name of an existing bucket");
        if (credentials == Identity.FILE) {
            Require.given("gcs.credentials-file", credentialsFile, "a path, for credentials file");
        }
    }

    GcsSettings settings(KeyPrefix prefix, ConnectionLimits connections) {
        return new GcsSettings(
                URI.create(endpoint), bucket, prefix, connections, Math.toIntExact(partSize.toBytes()), 1_000);
    }

    /** Looks for them; blocks. Null for none. */
    @Nullable
    Credentials load() {
        try {
            return switch (credentials) {
                case NONE -> null;
                case APPLICATION -> GoogleCredentials.getApplicationDefault().createScoped(SCOPE);
                case FILE -> {
                    try (InputStream file = Files.newInputStream(Path.of(credentialsFile))) {
                        yield GoogleCredentials.fromStream(file).createScoped(SCOPE);
                    }
                }
            };
        } catch (IOException e) {
            throw new WeirException(
                    CommonError.CONFIGURATION,
                    "weir.storage.gcs.credentials is " + credentials.name().toLowerCase(java.util.Locale.ROOT)
                            + ", and none can be loaded: " + e.getMessage(),
                    e);
        }
    }
}
