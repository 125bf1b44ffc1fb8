package io.weir.standalone.cli;

import io.weir.standalone.cli.client.TokenClient;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Terminal;
import io.weir.standalone.cli.terminal.TextTable;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir token list}: prints the tokens of an organisation. */
@Command(name = "list", description = "Print the tokens of an organisation, without their secrets.")
final class TokenListCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Option(names = "--org", paramLabel = "NAME", defaultValue = "", description = "Organisation (default: your own).")
    private String organisation = "";

    @Mixin
    private ServerOptions server = new ServerOptions();

    TokenListCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        List<TokenClient.Listed> tokens = new TokenClient(server.connect()).list(organisation);
        TextTable table = new TextTable(terminal.out(), terminal.unicode(), "");
        table.columns(
                List.of("id", "name", "permissions", "expires", "state"),
                List.of("VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR", "VARCHAR"));
        for (TokenClient.Listed token : tokens) {
            table.row(List.of(token.id(), token.name(), token.permissions(), token.expires(), token.state()));
        }
        table.end();
        return ExitCode.OK;
    }
}
