package io.weir.query.cursor;

import com.github.luben.zstd.Zstd;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CancellationException;
import java.util.function.LongConsumer;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;

/**
 * The pages of one result on disk, one behind the other, each a run of blocks that are compressed on their own. So a page may
 * be sent as it is, or opened block by block, and nothing has to be kept open in between. One thread writes while any read
 * what is written; any may delete it. Everything here blocks, but {@link #read}, which reads on a scheduler that may.
 *
 * <pre>
 *   block = raw length (4) │ length (4) │ Zstandard frame
 * </pre>
 */
final class SpoolFile {

    private static final int BLOCK_BYTES = 128 * 1024;
    private static final int HEADER_BYTES = 8;
    private static final int ZSTD_LEVEL = 1;

    private final Path path;
    private final FileOutputStream out; // which no interrupt closes, as it would a channel
    private final LongConsumer room;
    private final ByteArrayOutputStream block = new ByteArrayOutputStream(BLOCK_BYTES + BLOCK_BYTES / 2);
    private long bytes;
    private boolean closed;

    /** @param room called with the bytes of each block before they are written; fails when there is no room for them */
    SpoolFile(Path path, LongConsumer room) throws IOException {
        this.path = path;
        this.out = new FileOutputStream(path.toFile());
        this.room = room;
    }

    /** Adds bytes to the page that is being written. @throws WeirException {@code overloaded} when the disk is full */
    void write(byte[] chunk) {
        block.writeBytes(chunk);
        if (block.size() >= BLOCK_BYTES) {
            endBlock();
        }
    }

    /** Ends the page. @return where it ends, which is where the next one begins */
    long endPage() {
        if (block.size() > 0) {
            endBlock();
        }
        return bytes;
    }

    private void endBlock() {
        byte[] raw = block.toByteArray();
        block.reset();
        byte[] packed = Zstd.compress(raw, ZSTD_LEVEL);
        room.accept(packed.length + HEADER_BYTES);
        append(
                ByteBuffer.allocate(HEADER_BYTES)
                        .putInt(raw.length)
                        .putInt(packed.length)
                        .array(),
                packed);
        bytes += HEADER_BYTES + packed.length;
    }

    private synchronized void append(byte[] header, byte[] packed) {
        if (closed) {
            throw new CancellationException("the cursor has ended");
        }
        try {
            out.write(header);
            out.write(packed);
        } catch (IOException e) {
            throw new WeirException(
                    CommonError.OVERLOADED, "the disk does not take the pages of a result (is it full?)", e);
        }
    }

    /**
     * The bytes of a page, a block at a time.
     *
     * @param packed whether they stay compressed: Zstandard frames, one behind the other
     */
    Flux<byte[]> read(long from, long to, boolean packed, Scheduler io) {
        return Flux.<byte[], Long>generate(() -> from, (at, sink) -> {
                    if (at >= to) {
                        sink.complete();
                        return at;
                    }
                    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
                        file.seek(at);
                        int rawLength = file.readInt();
                        byte[] frame = new byte[file.readInt()];
                        file.readFully(frame);
                        sink.next(packed ? frame : Zstd.decompress(frame, rawLength));
                        return at + HEADER_BYTES + frame.length;
                    } catch (IOException e) {
                        sink.error(e);
                        return at;
                    }
                })
                .subscribeOn(io);
    }

    /** Nothing more is written. */
    synchronized void close() throws IOException {
        closed = true;
        out.close();
    }

    /** Removes the file, written to its end or not. */
    void delete() throws IOException {
        close();
        Files.deleteIfExists(path);
    }
}
