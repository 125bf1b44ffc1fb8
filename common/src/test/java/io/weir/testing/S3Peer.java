package io.weir.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A server that speaks S3, shared by the tests of a process. Looked for under a URL variable, whose server must know the
 * key {@code weir}/{@code weir-secret} and have the bucket {@code weir}; otherwise started from what Maven resolved.
 *
 * @param endpoint where it listens
 * @param bucket an existing bucket
 */
public record S3Peer(URI endpoint, String bucket) {

    public static final String ACCESS_KEY = "weir";
    public static final String SECRET_KEY = "weir-secret";
    private static final String BUCKET = "weir";

    /** Holds each child while it is used, which is until the end of the process. */
    private static final class S3ProxyHolder {
        static final S3Peer PEER = startS3Proxy();
    }

    private static final class S3MockHolder {
        static final S3Peer PEER = startS3Mock();
    }

    /** S3Proxy over files: checks signatures, and keeps {@code If-None-Match: *} under races. {@code WEIR_TEST_S3_URL} goes before it. */
    public static S3Peer s3Proxy() {
        return given("WEIR_TEST_S3_URL").orElseGet(() -> S3ProxyHolder.PEER);
    }

    /** S3Mock: another reading of the protocol; neither checks signatures nor keeps conditions under races. */
    public static S3Peer s3Mock() {
        return given("WEIR_TEST_S3MOCK_URL").orElseGet(() -> S3MockHolder.PEER);
    }

    /** The server that variable names. */
    public static Optional<S3Peer> given(String variable) {
        return Optional.ofNullable(System.getenv(variable)).map(url -> new S3Peer(URI.create(url), BUCKET));
    }

    private static S3Peer startS3Proxy() {
        try {
            int port = Peers.freePort();
            Path directory = Files.createTempDirectory("s3proxy");
            Files.createDirectories(directory.resolve("data").resolve(BUCKET));
            Path settings = Files.write(
                    directory.resolve("s3proxy.conf"),
                    List.of(
                            "s3proxy.endpoint=http://127.0.0.1:" + port,
                            "s3proxy.authorization=aws-v2-or-v4",
                            "s3proxy.identity=" + ACCESS_KEY,
                            "s3proxy.credential=" + SECRET_KEY,
                            "s3proxy.ignore-unknown-headers=true", // tokens of temporary keys
                            "jclouds.provider=filesystem-nio2",
                            "jclouds.filesystem.basedir=" + directory.resolve("data"),
                            "jclouds.identity=unused",
                            "jclouds.credential=unused"));
            Path logging = Files.writeString(
                    directory.resolve("logback.xml"), "<configuration><root level=\"WARN\"/></configuration>");
            start(
                    "s3proxy",
                    directory,
                    port,
                    List.of("-Dlogback.configurationFile=" + logging),
                    "org.gaul.s3proxy.Main",
                    "--properties",
                    settings.toString());
            return new S3Peer(URI.create("http://127.0.0.1:" + port), BUCKET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static S3Peer startS3Mock() {
        try {
            int port = Peers.freePort();
            Path directory = Files.createTempDirectory("s3mock");
            start(
                    "s3mock",
                    directory,
                    port,
                    List.of(
                            "-Dserver.port=" + Peers.freePort(),
                            "-Dcom.adobe.testing.s3mock.httpPort=" + port,
                            "-Dcom.adobe.testing.s3mock.store.initialBuckets=" + BUCKET,
                            "-Dcom.adobe.testing.s3mock.store.root=" + directory),
                    "com.adobe.testing.s3mock.S3MockApplication");
            return new S3Peer(URI.create("http://127.0.0.1:" + port), BUCKET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(String name, Path directory, int port, List<String> options, String... command) {
        Path lib = Peers.root()
                .resolve("storage-adapters/test-peers")
                .resolve(name)
                .resolve("target/lib");
        if (!Files.isDirectory(lib)) {
            throw Peers.missing(name, lib + " does not exist: build storage-adapters/test-peers/" + name);
        }
        Peers.found(name);
        List<String> all = new ArrayList<>(List.of("-Xmx512m", "-XX:+UseSerialGC"));
        all.addAll(options);
        ChildJvm.start(lib + "/*", all, List.of(command)).awaitPort(port).removeAtEnd(directory);
    }
}
