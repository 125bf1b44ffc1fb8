package io.weir.storage.s3;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.IdentityProvider;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * The SDK's credential providers, which read files and ask servers while the caller waits. They remember what they got and
 * ask anew, in the background, before it expires. Thread-safe.
 */
final class WaitingCredentials implements IdentityProvider<AwsCredentialsIdentity>, AutoCloseable {

    private final AwsCredentialsProvider provider;
    private volatile Optional<Instant> expire = Optional.empty();

    private WaitingCredentials(AwsCredentialsProvider provider) {
        this.provider = provider;
    }

    static WaitingCredentials of(S3Credentials credentials) {
        return new WaitingCredentials(provider(credentials));
    }

    private static AwsCredentialsProvider provider(S3Credentials credentials) {
        if (credentials instanceof S3Credentials.Static keys) {
            return StaticCredentialsProvider.create(
                    keys.sessionToken().isEmpty()
                            ? AwsBasicCredentials.create(keys.accessKey(), keys.secretKey())
                            : AwsSessionCredentials.create(keys.accessKey(), keys.secretKey(), keys.sessionToken()));
        }
        if (credentials instanceof S3Credentials.Profile profile) {
            return ProfileCredentialsProvider.create(profile.name());
        }
        if (credentials instanceof S3Credentials.WebIdentity) {
            return WebIdentityTokenFileCredentialsProvider.builder()
                    .asyncCredentialUpdateEnabled(true)
                    .build();
        }
        if (credentials instanceof S3Credentials.Instance) {
            return AwsCredentialsProviderChain.of(
                    ContainerCredentialsProvider.builder()
                            .asyncCredentialUpdateEnabled(true)
                            .build(),
                    InstanceProfileCredentialsProvider.builder()
                            .asyncCredentialUpdateEnabled(true)
                            .build());
        }
        return DefaultCredentialsProvider.builder()
                .asyncCredentialUpdateEnabled(true)
                .build();
    }

    @Override
    public Class<AwsCredentialsIdentity> identityType() {
        return AwsCredentialsIdentity.class;
    }

    @Override
    public CompletableFuture<AwsCredentialsIdentity> resolveIdentity(ResolveIdentityRequest request) {
        AwsCredentialsIdentity credentials = provider.resolveCredentials();
        expire = credentials.expirationTime();
        return CompletableFuture.completedFuture(credentials);
    }

    /** When those given out latest end; empty where they do not, or the provider does not say. */
    Optional<Instant> expire() {
        return expire;
    }

    @Override
    public void close() {
        if (provider instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }
}
