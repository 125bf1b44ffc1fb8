package io.weir.standalone.cli.client;

import io.weir.standalone.cli.terminal.CommandFailure;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A file, or a stream, that is sent as it is. A regular file can be sent again from its beginning, a stream cannot. */
public final class ImportFile {

    private final String name;
    private final @Nullable Path path;
    private final InputStream stream;
    private final long bytes;
    private volatile boolean begun;

    private ImportFile(String name, @Nullable Path path, InputStream stream, long bytes) {
        this.name = name;
        this.path = path;
        this.stream = stream;
        this.bytes = bytes;
    }

    /** A file; a usage failure says why it cannot be read. */
    public static ImportFile of(Path path) {
        if (Files.isDirectory(path)) {
            throw CommandFailure.usage(path + " is a directory (expected: a file)");
        }
        if (!Files.exists(path)) {
            throw CommandFailure.usage("There is no file " + path);
        }
        String name = String.valueOf(path.getFileName());
        try {
            if (Files.isRegularFile(path) && Files.isReadable(path)) {
                return new ImportFile(name, path, InputStream.nullInputStream(), Files.size(path));
            }
            return new ImportFile(name, null, Files.newInputStream(path), -1); // a pipe
        } catch (IOException e) {
            throw CommandFailure.usage("Cannot read " + path + " (" + WeirHttp.reason(e) + ")");
        }
    }

    /** A stream, which is read once. */
    public static ImportFile of(String name, InputStream stream) {
        return new ImportFile(name, null, stream, -1);
    }

    /** What to call it when speaking to people. */
    public String name() {
        return name;
    }

    /** Its length, or -1 when nobody knows. */
    public long bytes() {
        return bytes;
    }

    /** Whether some of it was read already. */
    public boolean isBegun() {
        return begun;
    }

    /** Whether it cannot be sent any more: a stream of which some was read. */
    boolean isSpent() {
        return begun && path == null;
    }

    /** Opens it for one attempt to send it; fails when it is a stream and some of it is gone already. */
    Reading open() {
        if (isSpent()) {
            throw CommandFailure.refused("A part of " + name
                    + " was sent, and it cannot be read again from its beginning;" + " nothing of it is imported");
        }
        try {
            return new Reading(path == null ? stream : Files.newInputStream(path), bytes);
        } catch (IOException e) {
            throw CommandFailure.refused("Cannot read " + name + " (" + WeirHttp.reason(e) + ")", e);
        }
    }

    /**
     * One reading of the file: counts, and fails when the file no longer has the length that was announced. Read by one
     * thread, asked by any.
     */
    final class Reading extends FilterInputStream {

        private final long expected;
        private final AtomicLong count = new AtomicLong();
        private volatile @Nullable IOException failure;

        Reading(InputStream in, long expected) {
            super(in);
            this.expected = expected;
        }

        /** Bytes there are to read, or -1. */
        long expected() {
            return expected;
        }

        /** Bytes read so far. */
        long count() {
            return count.get();
        }

        /** Why it could not be read on, or null. */
        @Nullable
        IOException failure() {
            return failure;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            try {
                int read = super.read(target, offset, length);
                count(read);
                return read;
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        private void count(int read) throws IOException {
            long now = count.addAndGet(Math.max(0, read));
            begun = true;
            if (expected >= 0 && (now > expected || (read < 0 && now < expected))) {
                throw new IOException("its length is no longer " + expected + " bytes");
            }
        }
    }
}
