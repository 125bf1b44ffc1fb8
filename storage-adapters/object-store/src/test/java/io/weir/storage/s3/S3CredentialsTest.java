package io.weir.storage.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.schedule.WeirSchedulers;
import io.weir.storage.object.KeyPrefix;
import io.weir.testing.S3Peer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Each way of getting credentials, against a store that checks signatures and made-up servers that hand keys out. */
class S3CredentialsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final S3Peer peer = S3Peer.s3Proxy();
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private final List<String> properties = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();

    @TempDir
    Path directory;

    @AfterEach
    void forget() {
        properties.forEach(System::clearProperty);
        schedulers.close();
    }

    @Test
    void aProfileIsReadFromItsFile() throws IOException {
        Path file = Files.writeString(
                directory.resolve("credentials"),
                "[weir-test]\naws_access_key_id=" + S3Peer.ACCESS_KEY + "\naws_secret_access_key=" + S3Peer.SECRET_KEY);
        property("aws.sharedCredentialsFile", file.toString());
        works(new S3Credentials.Profile("weir-test"));
    }

    @Test
    void aContainersRoleIsAskedForAndAskedForAgainBeforeItExpires() {
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> {
                    asked.incrementAndGet();
                    return response.sendString(Mono.just("{\"AccessKeyId\":\"" + S3Peer.ACCESS_KEY
                            + "\",\"SecretAccessKey\":\"" + S3Peer.SECRET_KEY + "\",\"Token\":\"t\",\"Expiration\":\""
                            + soon() + "\"}"));
                })
                .bindNow();
        try {
            property("aws.containerCredentialsFullUri", "http://127.0.0.1:" + server.port() + "/role");
            staysAskedFor(new S3Credentials.Instance());
        } finally {
            server.disposeNow();
        }
    }

    @Test
    void aWebIdentityIsExchangedForKeysAndAgainBeforeTheyExpire() throws IOException { // IRSA
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asString()
                        .flatMap(body -> {
                            assertThat(body).contains("AssumeRoleWithWebIdentity", "WebIdentityToken=token-of-the-pod");
                            asked.incrementAndGet();
                            return response.header("Content-Type", "text/xml")
                                    .sendString(Mono.just("""
                                    <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                                    <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>%s</AccessKeyId>
                                    <SecretAccessKey>%s</SecretAccessKey><SessionToken>t</SessionToken>
                                    <Expiration>%s</Expiration></Credentials><AssumedRoleUser><AssumedRoleId>a:b</AssumedRoleId>
                                    <Arn>arn:aws:sts::1:assumed-role/weir/s</Arn></AssumedRoleUser>
                                    </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>""".formatted(S3Peer.ACCESS_KEY, S3Peer.SECRET_KEY, soon())))
                                    .then();
                        }))
                .bindNow();
        try {
            Path token = Files.writeString(directory.resolve("token"), "token-of-the-pod");
            property("aws.webIdentityTokenFile", token.toString());
            property("aws.roleArn", "arn:aws:iam::1:role/weir");
            property("aws.region", "eu-central-1");
            property("aws.endpointUrlSts", "http://127.0.0.1:" + server.port());
            staysAskedFor(new S3Credentials.WebIdentity());
        } finally {
            server.disposeNow();
        }
    }

    @Test
    void noSecretIsInAnyText() {
        assertThat(new S3Credentials.Static("key", "hidden", "hidden too").toString())
                .isEqualTo("static key key");
    }

    /** A few minutes and a little: the SDK asks anew from some minutes before the end. */
    private static String soon() {
        return Instant.now().plusSeconds(62).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private void works(S3Credentials credentials) {
        try (S3ObjectStore store = new S3ObjectStore(settings(credentials), schedulers.io())) {
            assertThat(store.list("").count().block(PATIENCE)).isZero();
        }
    }

    private void staysAskedFor(S3Credentials credentials) {
        try (S3ObjectStore store = new S3ObjectStore(settings(credentials), schedulers.io())) {
            Awaitility.await().atMost(PATIENCE).until(() -> {
                assertThat(store.list("").count().block(PATIENCE)).isZero();
                return asked.get() >= 2;
            });
        }
    }

    private void property(String name, String value) {
        properties.add(name);
        System.setProperty(name, value);
    }

    private S3Settings settings(S3Credentials credentials) {
        return new S3Settings(
                Optional.of(peer.endpoint()),
                "eu-central-1",
                peer.bucket(),
                KeyPrefix.of("none"),
                true,
                credentials,
                new S3Encryption.BucketDefault(),
                S3Stores.limits(),
                S3Stores.PART_BYTES,
                S3Stores.PAGE_KEYS);
    }
}
