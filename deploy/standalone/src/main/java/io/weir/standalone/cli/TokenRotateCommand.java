package io.weir.standalone.cli;

import io.weir.standalone.cli.client.TokenClient;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir token rotate}: gives a token another secret and prints the token, alone on standard output. */
@Command(name = "rotate", description = "Give a token another secret; its id, name and permissions stay.")
final class TokenRotateCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(paramLabel = "ID", description = "Id of the token, as list prints it.")
    private String id = "";

    @Option(
            names = "--grace",
            paramLabel = "DURATION",
            defaultValue = "",
            description = "Time for which the secret before is accepted too, such as 10m (default: none).")
    private String grace = "";

    @Mixin
    private ServerOptions server = new ServerOptions();

    TokenRotateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        terminal.out()
                .println(new TokenClient(server.connect()).rotate(id, grace).text());
        return ExitCode.OK;
    }
}
