package io.weir.storage.parquet;

import java.io.IOException;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An output file that knows its stream and closes it. Needed because {@code ParquetFileWriter} leaves the stream open after
 * a failed write. Collects small writes, since headers and footers come by the byte.
 */
final class OwnedOutput implements OutputFile, AutoCloseable {

    private static final int BUFFER = 8 << 10;

    private final OutputFile target;
    private @Nullable Counted stream;

    OwnedOutput(OutputFile target) {
        this.target = target;
    }

    @Override
    public PositionOutputStream create(long blockSizeHint) throws IOException {
        return own(target.create(blockSizeHint));
    }

    @Override
    public PositionOutputStream createOrOverwrite(long blockSizeHint) throws IOException {
        return own(target.createOrOverwrite(blockSizeHint));
    }

    @Override
    public boolean supportsBlockSize() {
        return false;
    }

    @Override
    public long defaultBlockSize() {
        return 0;
    }

    /** Bytes written so far. */
    long bytes() {
        return stream == null ? 0 : stream.getPos();
    }

    /** Closes the stream unless it is closed or was never opened. */
    @Override
    public void close() throws IOException {
        if (stream != null) {
            stream.close();
        }
    }

    private PositionOutputStream own(PositionOutputStream opened) {
        Counted counted = new Counted(opened);
        stream = counted;
        return counted;
    }

    private static final class Counted extends PositionOutputStream {
        private final PositionOutputStream out;
        private final byte[] buffer = new byte[BUFFER];
        private int buffered;
        private long position;
        private boolean closed;

        private Counted(PositionOutputStream out) {
            this.out = out;
        }

        @Override
        public long getPos() {
            return position;
        }

        @Override
        public void write(int value) throws IOException {
            if (buffered == BUFFER) {
                drain();
            }
            buffer[buffered++] = (byte) value;
            position++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length > BUFFER - buffered) {
                drain();
            }
            if (length > BUFFER) {
                out.write(bytes, offset, length);
            } else {
                System.arraycopy(bytes, offset, buffer, buffered, length);
                buffered += length;
            }
            position += length;
        }

        @Override
        public void flush() throws IOException {
            drain();
            out.flush();
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                try (out) {
                    drain();
                }
            }
        }

        private void drain() throws IOException {
            int length = buffered;
            buffered = 0; // also when it fails: what is closed after a failure shall not try again
            if (length > 0) {
                out.write(buffer, 0, length);
            }
        }
    }
}
