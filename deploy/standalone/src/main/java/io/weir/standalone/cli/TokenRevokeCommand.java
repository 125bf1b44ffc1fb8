package io.weir.standalone.cli;

import io.weir.standalone.cli.client.TokenClient;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code weir token revoke}: has a token refused from now on. */
@Command(name = "revoke", description = "Have a token refused from now on, by every server within a second.")
final class TokenRevokeCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(paramLabel = "ID", description = "Id of the token, as list prints it.")
    private String id = "";

    @Mixin
    private ServerOptions server = new ServerOptions();

    TokenRevokeCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        new TokenClient(server.connect()).revoke(id);
        terminal.out().println("Token " + id + " is revoked.");
        return ExitCode.OK;
    }
}
