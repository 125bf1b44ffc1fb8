package io.weir.common.compress;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** One deflate stream, bare or in zlib's wrapping, on an inflater from a shelf. */
final class InflateStream {

    private static final int IDLE = 16;
    private static final int BUFFER_BYTES = 64 << 10;

    /** The buffer, and zlib's window and tables beside the heap. */
    static final long HELD_BYTES = BUFFER_BYTES + (48 << 10);

    private static final Shelf<Context> BARE = shelf(true);
    private static final Shelf<Context> WRAPPED = shelf(false);

    private static final class Context {
        final Inflater inflater;
        final byte[] buffer = new byte[BUFFER_BYTES];

        Context(boolean bare) {
            inflater = new Inflater(bare);
        }
    }

    private final Shelf<Context> shelf;
    private @Nullable Context context;

    InflateStream(boolean bare) {
        this.shelf = bare ? BARE : WRAPPED;
        this.context = shelf.take();
    }

    /** What each inflated piece is shown to besides the output. */
    interface Observer {
        void inflated(byte[] buffer, int length);
    }

    /** Inflates until the input or the stream ends; returns how many bytes behind the stream's end are left over, or -1 when it goes on. */
    int feed(byte[] input, int offset, int length, Output output, Observer observer) {
        Context current = require();
        Inflater inflater = current.inflater;
        inflater.setInput(input, offset, length);
        while (!inflater.finished()) {
            int count;
            try {
                count = inflater.inflate(current.buffer, 0, output.room(BUFFER_BYTES));
            } catch (DataFormatException e) {
                String reason = e.getMessage() == null ? "invalid data" : e.getMessage();
                throw output.corrupt(reason, inflater.getRemaining(), e);
            }
            if (inflater.needsDictionary()) {
                throw output.corrupt("it needs a preset dictionary", inflater.getRemaining(), null);
            }
            observer.inflated(current.buffer, count);
            output.write(current.buffer, 0, count);
            if (count == 0 && inflater.needsInput() && !inflater.finished()) {
                return -1;
            }
        }
        return inflater.getRemaining();
    }

    /** Starts another stream. */
    void reset() {
        require().inflater.reset();
    }

    void close() {
        if (context != null) {
            context.inflater.reset();
            shelf.putBack(context);
            context = null;
        }
    }

    private Context require() {
        if (context == null) {
            throw new IllegalStateException("closed");
        }
        return context;
    }

    private static Shelf<Context> shelf(boolean bare) {
        return new Shelf<>(IDLE, () -> new Context(bare), context -> context.inflater.end());
    }
}
