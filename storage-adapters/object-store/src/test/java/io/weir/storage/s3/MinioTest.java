package io.weir.storage.s3;

import io.weir.testing.Peers;
import io.weir.testing.S3Peer;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;

/** MinIO, under {@code WEIR_TEST_MINIO_URL} or where Docker runs. */
class MinioTest extends S3ObjectStoreContract {

    private static final String IMAGE = "minio/minio:RELEASE.2025-04-22T22-12-26Z";
    private static final int PORT = 9000;
    private static GenericContainer<?> container;
    private static S3Peer peer;

    @BeforeAll
    @SuppressWarnings("resource") // stopped below
    static void find() {
        peer = S3Peer.given("WEIR_TEST_MINIO_URL").orElse(null);
        if (peer != null) {
            return;
        }
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            throw Peers.missing("minio", "neither WEIR_TEST_MINIO_URL nor Docker");
        }
        container = new GenericContainer<>(IMAGE)
                .withEnv("MINIO_ROOT_USER", S3Peer.ACCESS_KEY)
                .withEnv("MINIO_ROOT_PASSWORD", S3Peer.SECRET_KEY)
                .withCreateContainerCmdModifier(command -> command.withEntrypoint("sh", "-c"))
                .withCommand("mkdir -p /data/weir && minio server /data")
                .withExposedPorts(PORT)
                .waitingFor(Wait.forHttp("/minio/health/ready").forPort(PORT));
        container.start();
        peer = new S3Peer(URI.create("http://" + container.getHost() + ":" + container.getMappedPort(PORT)), "weir");
    }

    @AfterAll
    static void stop() {
        if (container != null) {
            container.stop();
        }
    }

    @Override
    S3Settings settings() {
        return S3Stores.settings(peer);
    }
}
