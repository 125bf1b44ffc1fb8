package io.weir.ingest.wal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One open file of the log. Used by one thread at a time. */
public interface WalFile extends Closeable {

    /** Length in bytes. */
    long size() throws IOException;

    /**
     * Reads at most {@code into.remaining()} bytes from {@code position}.
     *
     * @return bytes read, or -1 at or beyond the end
     */
    int read(ByteBuffer into, long position) throws IOException;

    /**
     * Writes at most {@code from.remaining()} bytes at {@code position}, growing the file when needed.
     *
     * @return bytes written; may be fewer than remained
     */
    int write(ByteBuffer from, long position) throws IOException;

    /**
     * Returns when all that was written is on the device.
     *
     * @param metadata whether metadata that is not needed to read the data must be there too
     */
    void sync(boolean metadata) throws IOException;

    @Override
    void close() throws IOException;
}
