package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code weir token recover}: makes an operator's token in the data of a stopped server. */
@Command(
        name = "recover",
        description = {
            "Make an operator's token in the data of a server that is stopped, for when none is left.",
            "",
            "The server of the data directory must be stopped. The tokens that there are stay valid; the audit log tells"
                    + " that this one was made.",
        })
final class TokenRecoverCommand implements Callable<Integer> {

    private final Terminal terminal;
    private final TokenRecoverer recoverer;

    @Mixin
    private DataOptions data = new DataOptions();

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "recovered operator",
            description = "What the token is called (default: ${DEFAULT-VALUE}).")
    private String name = "recovered operator";

    TokenRecoverCommand(Terminal terminal, TokenRecoverer recoverer) {
        this.terminal = terminal;
        this.recoverer = recoverer;
    }

    @Override
    public Integer call() {
        try {
            terminal.out().println(recoverer.recover(data.options(0), name));
            return ExitCode.OK;
        } catch (RuntimeException e) {
            throw CommandFailure.refused("No token could be made: " + StartFailures.reason(e), e);
        }
    }
}
