package io.weir.standalone.cli;

import io.weir.standalone.cli.client.QueryClient;
import io.weir.standalone.cli.client.QueryRequest;
import io.weir.standalone.cli.client.QuerySummary;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.CsvOutput;
import io.weir.standalone.cli.terminal.ExitCode;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Terminal;
import io.weir.standalone.cli.terminal.TextTable;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code weir query}: runs one SQL statement on a server and prints its result. */
@Command(
        name = "query",
        description = "Run one read-only SQL statement (DuckDB's dialect) and print the result.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  weir query \"SELECT * FROM room ORDER BY time DESC LIMIT 5\"",
            "  weir query \"SELECT avg(temp_c) FROM room WHERE floor = \\$floor\" --param floor=2",
            "  weir query \"SHOW TABLES\" --db plant --format csv",
            "  weir query \"SELECT * FROM room\" --format parquet --output room.parquet",
        })
final class QueryCommand implements Callable<Integer> {

    /** How a result is printed; lower case, because that is how it is typed. */
    enum Format {
        table,
        json,
        ndjson,
        csv,
        arrow,
        msgpack,
        parquet
    }

    private final Terminal terminal;
    private final InputStream standardInput;

    @Parameters(paramLabel = "SQL", description = "The statement, or - to read it from standard input.")
    private String sql = "-";

    @Mixin
    private ClientOptions client = new ClientOptions();

    @Option(
            names = {"-f", "--format"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.table;

    @Option(
            names = "--param",
            paramLabel = "[NAME=]VALUE",
            description = "Value of a bind parameter, $NAME or the next ?; may be repeated.")
    private List<String> parameters = List.of();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the result to FILE, which is there when it is whole; any format but table.")
    private @Nullable Path output;

    QueryCommand(Terminal terminal, InputStream standardInput) {
        this.terminal = terminal;
        this.standardInput = standardInput;
    }

    @Override
    public Integer call() throws IOException {
        String statement = sql.equals("-") ? new String(standardInput.readAllBytes(), StandardCharsets.UTF_8) : sql;
        QueryRequest request = new QueryRequest(statement, client.database(), parameters);
        QueryClient queries = new QueryClient(client.connect());
        Path file = output;
        if (file != null) {
            if (format == Format.table) {
                throw CommandFailure.usage(
                        "--output does not take tables (expected: --format json, ndjson, csv, arrow, msgpack or parquet)");
            }
            ResultFile.write(file, out -> queries.copy(request, format.name(), out));
            return ExitCode.OK;
        }
        switch (format) {
            case arrow, msgpack, parquet -> copyToStandardOutput(queries, request);
            case json -> queries.copyJson(request, terminal.out());
            case ndjson -> queries.copyNdjson(request, terminal.out());
            case csv -> warnIfTruncated(queries.read(request, new CsvOutput(terminal.out())));
            case table -> printTable(queries, request, terminal, "");
        }
        return ExitCode.OK;
    }

    /** Bytes as they come: of these formats nothing is text. */
    private void copyToStandardOutput(QueryClient queries, QueryRequest request) throws IOException {
        try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
            queries.copy(request, format.name(), out);
        }
    }

    /** Prints a result as a table with its row count and time below. */
    static void printTable(QueryClient queries, QueryRequest request, Terminal terminal, String indent) {
        QuerySummary summary = queries.read(request, new TextTable(terminal.out(), terminal.unicode(), indent));
        terminal.out()
                .println(indent + "(" + Figures.count(summary.rows(), "row") + ", "
                        + Figures.duration(summary.executionTime())
                        + (summary.truncated() ? ", cut short by the row limit" : "") + ")");
    }

    private void warnIfTruncated(QuerySummary summary) {
        if (summary.truncated()) {
            terminal.err().println("The result was cut short by the row limit.");
        }
    }
}
