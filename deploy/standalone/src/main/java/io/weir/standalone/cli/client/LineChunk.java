package io.weir.standalone.cli.client;

/** Some whole lines of a file of line protocol, to be sent as one request. */
final class LineChunk {

    private final byte[] bytes;
    private final long firstLine;
    private final int lines;
    private final int points;

    LineChunk(byte[] bytes, long firstLine, int lines, int points) {
        this.bytes = bytes;
        this.firstLine = firstLine;
        this.lines = lines;
        this.points = points;
    }

    /** The lines as they stand in the file; owned by the chunk, not to be modified. */
    byte[] bytes() {
        return bytes;
    }

    /** Number of the first line in the file, from 1. */
    long firstLine() {
        return firstLine;
    }

    /** Number of the last line in the file. */
    long lastLine() {
        return firstLine + lines - 1;
    }

    /** Lines that hold a point: neither blank nor a comment. */
    int points() {
        return points;
    }
}
