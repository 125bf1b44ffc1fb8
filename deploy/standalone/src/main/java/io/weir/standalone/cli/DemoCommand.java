package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code weir demo}: a server, a sample, five queries. */
@Command(
        name = "demo",
        description = {
            "Start a server, write a day of a small truck fleet to it, and run five queries worth reading.",
            "",
            "The server then keeps running until Ctrl-C, so that you can go on by yourself. A second demo finds the"
                    + " data of the first and does not write it again.",
        },
        footerHeading = "%nExamples:%n",
        footer = {"  weir demo", "  weir demo --port 9000 --data /tmp/weir-demo", "  weir demo --exit"})
final class DemoCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final ServerLauncher launcher;

    @Option(
            names = {"-p", "--port"},
            paramLabel = "PORT",
            defaultValue = "" + ServeOptions.DEFAULT_PORT,
            description = "TCP port, 0 for any free one (default: ${DEFAULT-VALUE}).")
    private int port = ServeOptions.DEFAULT_PORT;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "./weir-demo-data",
            description = "Data directory, made when missing (default: ${DEFAULT-VALUE}).")
    private Path data = Path.of("./weir-demo-data");

    @Option(
            names = {"--exit", "--non-interactive"},
            description = "Stop the server after the queries instead of waiting for Ctrl-C.")
    private boolean exit;

    DemoCommand(Terminal terminal, ServerLauncher launcher) {
        this.terminal = terminal;
        this.launcher = launcher;
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = terminal.out();
        requireFree(port);
        Path log = data.resolve("weir.log");
        say("Weir " + BuildVersion.text() + ": a day of a small fleet of refrigerated trucks");
        say("");
        say("Starting a server; data in " + data + ", log in " + log + " …");
        long started = System.nanoTime();
        try (RunningServer server = ServeCommand.start(launcher, options(log))) {
            say("It answers on port " + server.port() + " after "
                    + Figures.duration(Duration.ofNanos(System.nanoTime() - started)) + ".");
            new DemoTour(terminal, server.port(), data).run();
            if (!exit) {
                say("The server runs until you press Ctrl-C.");
                server.awaitStop();
            }
        }
        if (exit) {
            out.println("The server has stopped; everything written is in " + data + ".");
        }
        return ExitCode.OK;
    }

    /** The server's log goes to a file, so that it does not run into what the demo shows. */
    private ServeOptions options(Path log) {
        return new ServeOptions(
                port,
                data,
                Optional.empty(),
                Map.of(
                        "logging.threshold.console",
                        "OFF",
                        "logging.file.name",
                        log.toString(),
                        "weir.warm-up.duration",
                        "0s"));
    }

    private void say(String line) {
        terminal.out().println(line);
        terminal.out().flush();
    }

    private static void requireFree(int port) {
        if (port < 0 || port > 65_535) {
            throw CommandFailure.usage("--port " + port + " is not a TCP port (expected: 0 to 65535)");
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true); // connections of a demo that has just ended do not hold the port
            probe.bind(new InetSocketAddress(port));
        } catch (IOException e) {
            throw StartFailures.portTaken(port);
        }
    }
}
