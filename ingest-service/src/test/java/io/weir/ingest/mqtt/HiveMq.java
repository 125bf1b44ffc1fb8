package io.weir.ingest.mqtt;

import io.weir.testing.ChildJvm;
import io.weir.testing.Peers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HiveMQ Community Edition, from what Maven resolved. It hands out as many messages as its subscriber says. */
final class HiveMq implements Broker {

    private static final Path HOME = Path.of("storage-adapters/test-peers/hivemq");

    private final List<String> arguments;
    private final int port;
    private @Nullable ChildJvm process;

    private HiveMq(int port, List<String> arguments) {
        this.port = port;
        this.arguments = arguments;
    }

    /** @param user nothing, or the name and the password of the only user */
    static HiveMq start(Path directory, String... user) {
        int port = Peers.freePort();
        List<String> arguments = new ArrayList<>(List.of(
                Peers.root()
                        .resolve(HOME)
                        .resolve("src/main/java/HiveMqPeerMain.java")
                        .toString(),
                "" + port,
                directory.resolve("hivemq").toString()));
        arguments.addAll(List.of(user));
        HiveMq broker = new HiveMq(port, arguments);
        broker.start();
        return broker;
    }

    @Override
    public void start() {
        Path lib = Peers.root().resolve(HOME).resolve("target/lib");
        if (!Files.isDirectory(lib)) {
            throw Peers.missing("hivemq", lib + " does not exist: build " + HOME);
        }
        Peers.found("hivemq");
        process = ChildJvm.start(lib + "/*", List.of("-Xmx256m", "-XX:+UseSerialGC"), arguments)
                .stopsWithItsInput()
                .awaitPort(port);
    }

    @Override
    public void stop() {
        close();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public void close() {
        ChildJvm running = process;
        if (running != null) {
            running.close();
            process = null;
        }
    }
}
