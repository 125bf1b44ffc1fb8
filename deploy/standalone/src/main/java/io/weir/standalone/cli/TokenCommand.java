package io.weir.standalone.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir token}: the command that those about access tokens hang below. */
@Command(
        name = "token",
        synopsisSubcommandLabel = "COMMAND",
        description = "Look after access tokens.",
        commandListHeading = "%nCommands:%n")
final class TokenCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Which command? One of create, list, rotate, revoke, recover.");
    }
}
