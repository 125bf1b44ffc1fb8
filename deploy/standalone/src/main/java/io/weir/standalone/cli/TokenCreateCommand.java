package io.weir.standalone.cli;

import io.weir.standalone.cli.client.TokenClient;
import io.weir.standalone.cli.client.TokenClient.NewToken;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir token create}: makes a token and prints it, alone on standard output. */
@Command(
        name = "create",
        description = "Make a token. It is printed this once; the server keeps only a hash of it.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir token create gateway --allow read,write:fleet_* --expires-in 90d",
            "  WEIR_TOKEN=$(weir token create dashboard --allow read) weir query \"SHOW TABLES\"",
        })
final class TokenCreateCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(paramLabel = "NAME", description = "What the token is called in lists and logs.")
    private String name = "";

    @Option(
            names = "--allow",
            paramLabel = "PERMISSIONS[:DATABASES]",
            required = true,
            description = "Some of read, write, delete, admin, for databases of that name or pattern (all); may be"
                    + " repeated.")
    private List<String> grants = List.of();

    @Option(names = "--org", paramLabel = "NAME", defaultValue = "", description = "Organisation (default: your own).")
    private String organisation = "";

    @Option(
            names = "--expires-in",
            paramLabel = "DURATION",
            defaultValue = "",
            description = "Time after which it is not accepted, such as 90d or 12h (default: never).")
    private String expiresIn = "";

    @Option(names = "--operator", description = "It also looks after the server: organisations and all their tokens.")
    private boolean operator;

    @Mixin
    private ServerOptions server = new ServerOptions();

    TokenCreateCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        NewToken token = new TokenClient(server.connect())
                .create(name, String.join(";", grants), organisation, expiresIn, operator);
        terminal.err().println("Token " + token.id() + " is shown this once:");
        terminal.err().flush();
        terminal.out().println(token.text());
        return ExitCode.OK;
    }
}
