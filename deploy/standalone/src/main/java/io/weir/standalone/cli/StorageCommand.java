package io.weir.standalone.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir storage}: the command that those over the data of a stopped server hang below. */
@Command(
        name = "storage",
        synopsisSubcommandLabel = "COMMAND",
        description = "Look after the files of a server that is stopped.",
        commandListHeading = "%nCommands:%n")
final class StorageCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Which command? check.");
    }
}
