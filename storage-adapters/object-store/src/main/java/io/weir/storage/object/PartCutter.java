package io.weir.storage.object;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;

/** Cuts a stream of buffers of any size into parts of one size, each in an array of its own, the last one shorter. */
final class PartCutter {

    private static final int FIRST_BYTES = 64 << 10;

    private final int partBytes;
    private byte[] open;
    private int filled;

    private PartCutter(int partBytes) {
        this.partBytes = partBytes;
        this.open = new byte[Math.min(partBytes, FIRST_BYTES)];
    }

    /** The parts of that content, at the subscriber's pace; none when it is empty. Holds one unfinished part. */
    static Flux<ByteBuffer> cut(Publisher<ByteBuffer> content, int partBytes) {
        return Flux.defer(() -> {
            PartCutter cutter = new PartCutter(partBytes);
            return Flux.from(content)
                    .concatMapIterable(cutter::add, 1)
                    .concatWith(Flux.defer(() -> Flux.fromIterable(cutter.rest())));
        });
    }

    private List<ByteBuffer> add(ByteBuffer buffer) {
        List<ByteBuffer> full = new ArrayList<>();
        while (buffer.hasRemaining()) {
            if (filled == open.length) {
                open = Arrays.copyOf(open, Math.min(partBytes, 2 * open.length));
            }
            int bytes = Math.min(buffer.remaining(), open.length - filled);
            buffer.get(open, filled, bytes);
            filled += bytes;
            if (filled == partBytes) {
                full.add(ByteBuffer.wrap(open));
                open = new byte[Math.min(partBytes, FIRST_BYTES)];
                filled = 0;
            }
        }
        return full;
    }

    private List<ByteBuffer> rest() {
        return filled == 0 ? List.of() : List.of(ByteBuffer.wrap(open, 0, filled));
    }
}
