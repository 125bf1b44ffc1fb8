package io.weir.standalone;

import io.weir.standalone.cli.CommandLines;
import io.weir.standalone.cli.terminal.Terminal;
import io.weir.standalone.server.BackupRunner;
import io.weir.standalone.server.StandaloneServer;
import io.weir.standalone.server.StorageCheckRunner;
import io.weir.standalone.server.TokenRecoveryRunner;

/** The process behind {@code ./weir}. Classes of the server load only when a command asks for one. */
public final class Weir {

    private Weir() {}

    /** Runs one command and ends the process with its exit code. */
    public static void main(String[] arguments) {
        Terminal terminal = Terminal.ofProcess();
        int exitCode = CommandLines.of(
                        terminal,
                        System.in,
                        options -> StandaloneServer.start(options),
                        (options, findings) -> StorageCheckRunner.check(options, findings),
                        (options, name) -> TokenRecoveryRunner.recover(options, name),
                        new BackupRunner())
                .execute(arguments);
        terminal.flush();
        System.exit(exitCode);
    }
}
