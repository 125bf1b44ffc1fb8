package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import java.util.concurrent.Callable;
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
        })
final class ServeCommand implements Callable<Integer> {

    private final ServerLauncher launcher;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            defaultValue = "" + ServeOptions.DEFAULT_PORT,
            description = "TCP port, 0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port = ServeOptions.DEFAULT_PORT;

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
        if (port < 0 || port > 65_535) {
            throw CommandFailure.usage("--port " + port + " is not a TCP port (expected: 0 to 65535)");
        }
        return data.options(port);
    }
}
