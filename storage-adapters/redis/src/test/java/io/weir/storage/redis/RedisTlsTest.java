package io.weir.storage.redis;

import static io.weir.storage.redis.RedisRig.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.weir.common.schedule.WeirSchedulers;
import io.weir.testing.Peers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that is reached by TLS, and only when those vouch for it who are asked to. */
@Timeout(120)
class RedisTlsTest {

    private static final String PASSWORD = "changeit";

    @TempDir
    Path directory;

    private final int port = Peers.freePort();
    private final WeirSchedulers schedulers = WeirSchedulers.forCores(2);
    private Process server;

    @BeforeEach
    void open() throws IOException, GeneralSecurityException, InterruptedException {
        Path program = Peers.program("redis-server", "redis-server");
        makeCertificate();
        server = new ProcessBuilder(List.of(
                        program.toString(),
                        "--bind",
                        "127.0.0.1",
                        "--port",
                        "0",
                        "--tls-port",
                        "" + port,
                        "--tls-cert-file",
                        directory.resolve("certificate.pem").toString(),
                        "--tls-key-file",
                        directory.resolve("key.pem").toString(),
                        "--tls-ca-cert-file",
                        directory.resolve("certificate.pem").toString(),
                        "--tls-auth-clients",
                        "no",
                        "--save",
                        "",
                        "--dir",
                        directory.toString()))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("redis.log").toFile())
                .start();
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.destroyForcibly().onExit().join();
        }
        schedulers.close();
    }

    /** A key and a certificate for this machine that vouches for itself. */
    private void makeCertificate() throws IOException, GeneralSecurityException, InterruptedException {
        Path store = directory.resolve("store.p12");
        Process tool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        PASSWORD,
                        "-alias",
                        "redis",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=redis",
                        "-ext",
                        "san=ip:127.0.0.1"))
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(tool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        pem("certificate.pem", "CERTIFICATE", keys.getCertificate("redis").getEncoded());
        pem(
                "key.pem",
                "PRIVATE KEY",
                keys.getKey("redis", PASSWORD.toCharArray()).getEncoded());
    }

    private void pem(String file, String what, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(
                directory.resolve(file), "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    private Redis redis(String... settings) {
        String[] all = new String[settings.length + 2];
        all[0] = "url";
        all[1] = "rediss://127.0.0.1:" + port;
        System.arraycopy(settings, 0, all, 2, settings.length);
        return Redis.open(RedisSettingsTest.settings(all), "tls", "1", schedulers, new SimpleMeterRegistry());
    }

    @Test
    void onlyACertificateThatIsVouchedForWillDo() {
        try (Redis trusting =
                        redis("ca-file", directory.resolve("certificate.pem").toString(), "cache-timeout", "5s");
                Redis doubting = redis()) {
            Awaitility.await().atMost(PATIENCE).until(trusting::isWell);
            trusting.cache()
                    .keep("org:k", List.of("o:org"), () -> "v".getBytes(StandardCharsets.UTF_8), Duration.ofMinutes(1))
                    .block(PATIENCE);
            assertThat(trusting.cache().find("org:k", List.of("o:org")).block(PATIENCE))
                    .asString()
                    .isEqualTo("v");
            assertThat(doubting.states().values()).containsOnly("away");
        }
    }
}
