package io.weir.standalone.cli.client;

import io.weir.standalone.cli.client.ServerProblem.LineError;
import io.weir.standalone.cli.terminal.Figures;
import java.util.ArrayList;
import java.util.List;

/** What an upload has done so far. It remembers the first {@value #MAX_ERRORS} refused lines. For one thread. */
public final class UploadReport {

    static final int MAX_ERRORS = 20;

    private final List<String> errors = new ArrayList<>();
    private long storedPoints;
    private long refusedPoints;
    private long lineBytes;

    /** Points the server has acknowledged. */
    public long storedPoints() {
        return storedPoints;
    }

    /** Points the server refused. */
    public long refusedPoints() {
        return refusedPoints;
    }

    /** Bytes of line protocol sent, before compression. */
    public long lineBytes() {
        return lineBytes;
    }

    /** The refused lines with their reasons, each on lines of its own, or an empty text. */
    public String errorLines() {
        long more = refusedPoints - errors.size();
        String rest = more > 0 && !errors.isEmpty() ? "\n  … and " + Figures.count(more) + " more" : "";
        return errors.isEmpty() ? "" : "\n" + String.join("\n", errors) + rest;
    }

    void stored(long points) {
        storedPoints += Math.max(0, points);
    }

    void sentBytes(long bytes) {
        lineBytes += bytes;
    }

    void refused(LineError error) {
        refusedPoints++;
        if (errors.size() < MAX_ERRORS) {
            errors.add(error.text("line"));
        }
    }

    /** Counts refused points of which the server says nothing but their number. */
    void refusedUnlisted(long points) {
        refusedPoints += points;
    }

    /** Counts refused points that the server explains in one sentence for all. */
    void refusedUnlisted(long points, String sentence) {
        refusedUnlisted(points);
        if (errors.size() < MAX_ERRORS) {
            errors.add("  " + sentence);
        }
    }
}
