package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir serve}: runs a server in the foreground until it is told to stop. */
@Command(
        name = "serve",
        description = "Run a Weir server in the foreground, until Ctrl-C or SIGTERM.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir serve",
            "  weir serve --port 9000 --data /var/lib/weir",
            "  weir serve --config weir.yaml --set weir.ingest.auto-create=false",
            "  weir serve --role query --config weir.yaml",
        })
final class ServeCommand implements Callable<Integer> {

    private final ServerLauncher launcher;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            description = "TCP port, 0 for any free one (default: 8086; 8087 for query).")
    private @Nullable Integer port;

    @Option(
            names = "--role",
            paramLabel = "ROLE",
            defaultValue = "standalone",
            description = "What it runs: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). "
                    + "ingest and query share a catalog in PostgreSQL and an object store.")
    private ServeRole role = ServeRole.STANDALONE;

    @Mixin
    private DataOptions data = new DataOptions();

    ServeCommand(ServerLauncher launcher) {
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws InterruptedException {
        ServeOptions options = options();
        try (RunningServer server = start(launcher, options)) {
            server.awaitStop();
        }
        return ExitCode.OK;
    }

    /** Starts a server, or says in a sentence why not. */
    static RunningServer start(ServerLauncher launcher, ServeOptions options) {
        try {
            return launcher.start(options);
        } catch (RuntimeException e) {
            throw StartFailures.explain(e, options);
        }
    }

    private ServeOptions options() {
        int chosen = port == null ? role.defaultPort() : port;
        if (chosen < 0 || chosen > 65_535) {
            throw CommandFailure.usage("--port " + chosen + " is not a TCP port (expected: 0 to 65535)");
        }
        return data.options(role, chosen);
    }
}
