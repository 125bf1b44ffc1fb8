package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Line protocol to be read from a file or a stream; gzip is recognised by its first bytes. For one thread. */
public final class LineInput implements Closeable {

    private static final int BUFFER_BYTES = 64 << 10;

    private final String name;
    private final long totalBytes;
    private final Counting raw;
    private final InputStream lines;
    private final boolean gzip;

    private LineInput(String name, InputStream in, long totalBytes) throws IOException {
        this.name = name;
        this.totalBytes = totalBytes;
        this.raw = new Counting(in);
        BufferedInputStream buffered = new BufferedInputStream(raw, BUFFER_BYTES);
        buffered.mark(2);
        this.gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        this.lines = gzip ? new GZIPInputStream(buffered, BUFFER_BYTES) : buffered;
    }

    /** Opens a file; a usage failure says why it cannot be read. */
    public static LineInput ofFile(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw CommandFailure.usage(file + " is a directory (expected: a file of line protocol)");
            }
            return new LineInput(String.valueOf(file.getFileName()), Files.newInputStream(file), Files.size(file));
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage("There is no file " + file);
        } catch (IOException e) {
            throw CommandFailure.usage("Cannot read " + file + " (" + WeirHttp.reason(e) + ")");
        }
    }

    /** Reads from an open stream of {@code totalBytes}, or -1 when its length is unknown; closing closes it. */
    public static LineInput ofStream(String name, InputStream in, long totalBytes) {
        try {
            return new LineInput(name, in, totalBytes);
        } catch (IOException e) {
            throw CommandFailure.usage("Cannot read " + name + " (" + WeirHttp.reason(e) + ")");
        }
    }

    /** What to call it when speaking to people. */
    public String name() {
        return name;
    }

    /** The decompressed lines. */
    public InputStream lines() {
        return lines;
    }

    /** Whether the source is compressed; then requests are sent compressed too. */
    public boolean isGzip() {
        return gzip;
    }

    /** Length of the source before decompression, or -1. */
    public long totalBytes() {
        return totalBytes;
    }

    /** Bytes of the source read so far, before decompression. */
    public long readBytes() {
        return raw.count;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private static final class Counting extends FilterInputStream {

        private long count;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int b = super.read();
            count += b < 0 ? 0 : 1;
            return b;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = super.read(target, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }
}
