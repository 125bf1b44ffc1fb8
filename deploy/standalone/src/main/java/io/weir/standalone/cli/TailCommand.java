package io.weir.standalone.cli;

import io.weir.standalone.cli.client.TailStream;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir tail}: prints the rows of a measurement as they are written. */
@Command(
        name = "tail",
        description = "Print the rows of a measurement as they are written, a JSON object a line, until interrupted.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir tail plant pumps",
            "  weir tail plant pumps --where \"pressure > 8 AND site = 'north'\"",
        })
final class TailCommand implements Callable<Integer> {

    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "DB", description = "The database.")
    private String database = "";

    @Parameters(index = "1", paramLabel = "MEASUREMENT", description = "The measurement; it need not exist yet.")
    private String measurement = "";

    @Option(
            names = {"-w", "--where"},
            paramLabel = "CONDITION",
            defaultValue = "",
            description = "Only rows for which this holds, as behind WHERE.")
    private String where = "";

    @Mixin
    private ServerOptions server = new ServerOptions();

    TailCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        new TailStream(server.connect(), terminal.out(), terminal.err()).follow(database, measurement, where);
        return ExitCode.OK;
    }
}
