package io.weir.standalone.cli;

import io.weir.standalone.cli.client.LineChunks;
import io.weir.standalone.cli.client.LineInput;
import io.weir.standalone.cli.client.LineProtocolUpload;
import io.weir.standalone.cli.client.QueryClient;
import io.weir.standalone.cli.client.QueryRequest;
import io.weir.standalone.cli.client.ServerAddress;
import io.weir.standalone.cli.client.UploadReport;
import io.weir.standalone.cli.client.WeirHttp;
import io.weir.standalone.cli.client.WriteTarget;
import io.weir.standalone.cli.demo.DemoQuery;
import io.weir.standalone.cli.demo.DemoSample;
import io.weir.standalone.cli.demo.DiskUsage;
import io.weir.standalone.cli.terminal.CommandFailure;
import io.weir.standalone.cli.terminal.Figures;
import io.weir.standalone.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a demo does with a server that runs: writes the sample, asks, sums up. It speaks HTTP like any other client. */
final class DemoTour {

    private static final int BATCH_LINES = 5_000;

    private final Terminal terminal;
    private final WeirHttp http;
    private final QueryClient queries;
    private final Path data;

    DemoTour(Terminal terminal, int port, Path data) {
        this.terminal = terminal;
        this.http = new WeirHttp(ServerAddress.local(port));
        this.queries = new QueryClient(http);
        this.data = data;
    }

    void run() {
        String written = write();
        for (int i = 0; i < DemoQuery.ALL.size(); i++) {
            show(i + 1, DemoQuery.ALL.get(i));
        }
        sumUp(written);
    }

    /** Writes what the database lacks of the sample and returns a sentence on it. */
    private String write() {
        Map<String, Long> stored = new HashMap<>();
        DemoSample.MEASUREMENTS.forEach(
                measurement -> stored.put(measurement, queries.countRows(DemoSample.DATABASE, measurement)));
        DemoSample.Missing missing = DemoSample.missing(stored);
        if (missing.rows() == 0) {
            return say("The database \"demo\" already holds the sample's " + Figures.count(missing.sampleRows(), "row")
                    + "; nothing was written.");
        }
        if (missing.rows() < missing.sampleRows()) {
            say("The database \"demo\" holds a part of the sample; writing the other "
                    + Figures.count(missing.rows(), "row") + ".");
        }
        byte[] lines = missing.bytes().array();
        LineInput input = LineInput.ofStream("Writing", new ByteArrayInputStream(lines), lines.length);
        UploadProgress progress = new UploadProgress(terminal, input);
        UploadReport report = progress.follow(
                new LineProtocolUpload(
                        http,
                        new WriteTarget(WriteTarget.DEFAULT_ENDPOINT, DemoSample.DATABASE, DemoSample.PRECISION, true)),
                new LineChunks(input.lines(), BATCH_LINES, 1 << 20));
        if (report.storedPoints() != missing.rows()) {
            throw CommandFailure.refused("Of the sample's rows " + report.storedPoints() + " were stored (expected: "
                    + missing.rows() + ")" + report.errorLines());
        }
        return say(written(report, progress.elapsed()));
    }

    private static String written(UploadReport report, Duration elapsed) {
        return Figures.count(report.storedPoints(), "row") + " (" + Figures.bytes(report.lineBytes())
                + " of line protocol) were written in " + Figures.duration(elapsed) + ", "
                + Figures.count(Figures.perSecond(report.storedPoints(), elapsed)) + " rows/s.";
    }

    private void show(int number, DemoQuery query) {
        say("");
        say(number + ". " + query.question());
        say("");
        say(query.sql().indent(6).stripTrailing());
        say("");
        QueryCommand.printTable(
                queries, new QueryRequest(query.sql(), DemoSample.DATABASE, List.of()), terminal, "   ");
        say("   " + query.technique());
    }

    private void sumUp(String written) {
        boolean flushed = http.succeeds("/api/v1/flush");
        DiskUsage disk = DiskUsage.ofParquetBelow(data);
        String base = http.address().base();
        say("");
        say("What happened");
        say("  " + written);
        say("  Five queries ran over them, from memory or from files, whichever had the rows.");
        if (disk.files() > 0) {
            say("  " + (flushed ? "They are now in " : "So far they are in ")
                    + Figures.count(disk.files(), "Parquet file") + " of " + Figures.bytes(disk.bytes()) + " below "
                    + data + ".");
        }
        say("");
        say("Where to go next");
        say("  curl -i '" + base + "/api/v3/write_lp?db=demo' --data-binary 'room,floor=2 temp_c=21.5'");
        say("  curl '" + base + "/api/v1/query' -H 'Content-Type: application/json' \\");
        say("       -d '{\"db\": \"demo\", \"sql\": \"SELECT * FROM room\"}'");
        say("  ./weir query --url " + base + " --db demo \"SELECT * FROM cargo WHERE alarm IS NOT NULL\"");
        say("  README.md has the rest: agents, formats, configuration.");
        say("");
    }

    private String say(String line) {
        terminal.out().println(line);
        terminal.out().flush();
        return line;
    }
}
