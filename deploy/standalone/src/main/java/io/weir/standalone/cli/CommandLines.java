package io.weir.standalone.cli;

import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.InputStream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;

/** Builds the command line of {@code weir} out of its commands. */
public final class CommandLines {

    private CommandLines() {}

    /**
     * The command line that prints to {@code terminal}. {@code launcher} is asked for a server only by the commands that
     * run one, {@code checker} by the one that checks, {@code recoverer} by the one that recovers, and {@code backups} by those
     * that back up and restore; the others never touch them.
     */
    public static CommandLine of(
            Terminal terminal,
            InputStream standardInput,
            ServerLauncher launcher,
            StorageChecker checker,
            TokenRecoverer recoverer,
            OfflineBackups backups) {
        CommandLine weir = new CommandLine(new WeirCommand())
                .addSubcommand(new ServeCommand(launcher))
                .addSubcommand(new WriteCommand(terminal, standardInput))
                .addSubcommand(new ImportCommand(terminal, standardInput))
                .addSubcommand(new QueryCommand(terminal, standardInput))
                .addSubcommand(new TailCommand(terminal))
                .addSubcommand(
                        new CommandLine(new StorageCommand()).addSubcommand(new StorageCheckCommand(terminal, checker)))
                .addSubcommand(new CommandLine(new TokenCommand())
                        .addSubcommand(new TokenCreateCommand(terminal))
                        .addSubcommand(new TokenListCommand(terminal))
                        .addSubcommand(new TokenRotateCommand(terminal))
                        .addSubcommand(new TokenRevokeCommand(terminal))
                        .addSubcommand(new TokenRecoverCommand(terminal, recoverer)))
                .addSubcommand(new BackupCommand(terminal, backups))
                .addSubcommand(new RestoreCommand(terminal, backups))
                .addSubcommand(new DemoCommand(terminal, launcher));
        addHelp(weir);
        return weir.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(terminal.out())
                .setErr(terminal.err())
                .setUsageHelpWidth(100)
                .setColorScheme(CommandLine.Help.defaultColorScheme(terminal.interactive() ? Ansi.AUTO : Ansi.OFF))
                .setParameterExceptionHandler(CommandLines::explainUsage)
                .setExecutionExceptionHandler(CommandLines::explainFailure);
    }

    private static void addHelp(CommandLine parent) {
        for (CommandLine command : parent.getSubcommands().values()) {
            command.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new BuildVersion());
            addHelp(command);
        }
    }

    private static int explainUsage(ParameterException failure, String[] arguments) {
        CommandLine command = failure.getCommandLine();
        command.getErr().println("weir: " + failure.getMessage());
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, command.getErr())) {
            command.getErr().println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        }
        return ExitCode.USAGE;
    }

    private static int explainFailure(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        command.getOut().flush();
        if (failure instanceof CommandFailure known) {
            command.getErr().println("weir: " + known.sentence());
            return known.exitCode();
        }
        command.getErr().println("weir: an unexpected failure in " + command.getCommandName() + ": " + failure);
        failure.printStackTrace(command.getErr());
        return ExitCode.REFUSED;
    }
}
