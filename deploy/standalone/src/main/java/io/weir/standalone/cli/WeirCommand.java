package io.weir.standalone.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code weir}: the command the others hang below. */
@Command(
        name = "weir",
        versionProvider = BuildVersion.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Weir stores time series durably and answers SQL over them.",
            "",
            "A write is answered once it is on disk and visible to every later query. Data ends up as Parquet files"
                    + " that any tool can read.",
        },
        commandListHeading = "%nCommands:%n",
        footerHeading = "%nFirst steps:%n",
        footer = {
            "  weir demo                          a server, a day of a truck fleet, five queries",
            "  weir serve                         a server on port 8086, data in ./data",
            "  weir write readings.lp.gz          line protocol into the database \"default\"",
            "  weir import day.csv -m weather     rows of a CSV, line protocol or Parquet file",
            "  weir query \"SELECT * FROM cpu\"     a table of the result",
            "  weir tail plant pumps              rows of a measurement as they are written",
            "  weir storage check                 files in the store against those in the catalog",
            "  weir backup --to s3://bucket/weir  a copy of all databases; weir restore puts it back",
            "  weir token create NAME --allow …   an access token, where the server asks for one",
            "",
            "Every command explains itself: weir COMMAND --help",
            "",
            "Environment:",
            "  WEIR_URL        server that write, import, query and tail talk to (http://127.0.0.1:8086)",
            "  WEIR_TOKEN      access token for it",
            "  WEIR_HEAP       heap of serve and demo, such as 2g (1g)",
            "  WEIR_JAVA_OPTS  further options for the Java virtual machine",
            "",
            "Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 no server answers",
        })
final class WeirCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "Which command? One of serve, write, import, query, tail, storage, token, backup, restore, demo.");
    }
}
