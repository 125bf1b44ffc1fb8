package io.weir.ingest.decode.robust;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.compress.DecompressionLimits;
import io.weir.common.compress.Decompressor;
import io.weir.common.error.CommonError;
import io.weir.common.error.ErrorKind;
import io.weir.common.error.WeirException;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.Precision;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * Sends bytes through decompression and a decoder as a request does, and holds the outcome to what any bytes at all must
 * leave: rows, or an error for the client; memory charged within the limit and accounted for to the byte; allocation in
 * proportion; and no more rows, bad lines or callbacks than the bytes can pay for.
 */
final class BodyTrial {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int MEMORY_LIMIT = 8 << 20;
    private static final int OUTPUT_LIMIT = 1 << 20;
    private static final DecodeLimits LIMITS = new DecodeLimits(1 << 16, 64, 10, 1 << 20);

    /** Windows and tables of a decompressor, and what a decoder is made of. */
    private static final long FIXED_BYTES = 2 << 20;
    /** Garbage a byte of body: one of two bytes may be a bad line, and each is described before it is counted. */
    private static final long GARBAGE_A_BYTE = 4_000;
    /** Arrays grow by copying; what is kept was copied a few times. */
    private static final long COPIES = 8;

    private long charged;
    private long peak;
    private long lookups;
    private long calls;
    private long decoded;

    /** Bytes allocated by the last {@link #run}. */
    private long allocated;

    long allocated() {
        return allocated;
    }

    /** Sends {@code wire}, in pieces of {@code piece} bytes; returns what came of it, null for an error. */
    @Nullable
    DecodedWrite run(BodyFormat format, String encoding, byte[] wire, int piece) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        DecodedWrite write = send(format, encoding, wire, piece);
        allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(peak).as("bytes charged").isLessThanOrEqualTo(MEMORY_LIMIT);
        assertThat(decoded).as("bytes decompressed").isLessThanOrEqualTo(OUTPUT_LIMIT);
        assertThat(calls).as("calls for memory").isLessThanOrEqualTo(10 * decoded + 100);
        assertThat(lookups).as("schema look-ups").isLessThanOrEqualTo(decoded + 1);
        assertThat(allocated)
                .as("bytes allocated for %d of body and %d charged", decoded, peak)
                .isLessThanOrEqualTo(FIXED_BYTES + GARBAGE_A_BYTE * decoded + COPIES * peak);
        if (write != null) {
            long kept =
                    write.batches().stream().mapToLong(ColumnBatch::sizeBytes).sum();
            assertThat(charged).as("bytes charged in the end").isEqualTo(kept);
            assertThat(write.acceptedRows() + write.rejectedRows())
                    .as("rows and bad lines")
                    .isLessThanOrEqualTo(decoded + 1);
            assertThat(write.errors()).hasSizeLessThanOrEqualTo(LIMITS.maxErrors());
            assertThat(write.batches().stream().mapToLong(ColumnBatch::rows).sum())
                    .isEqualTo(write.acceptedRows());
        }
        return write;
    }

    /** The same without a look at what it cost. */
    @Nullable
    DecodedWrite send(BodyFormat format, String encoding, byte[] wire, int piece) {
        charged = peak = lookups = calls = decoded = 0;
        DecodeOptions options = DecodeOptions.of(Precision.AUTO, 1_700_000_000_000_000_000L)
                .withLimits(LIMITS)
                .withMemory(this::charge)
                .withSchemas(measurement -> {
                    lookups++;
                    return null;
                });
        BodyFormat.Decoding decoding = format.open(options);
        try (Decompressor decompressor = Decompressor.open(encoding, DecompressionLimits.ofOutput(OUTPUT_LIMIT))) {
            for (int at = 0; at < wire.length; at += piece) {
                decompressor.feed(wire, at, Math.min(piece, wire.length - at), (buffer, offset, length) -> {
                    decoded += length;
                    decoding.sink().accept(buffer, offset, length);
                });
            }
            decompressor.finish((buffer, offset, length) -> {
                decoded += length;
                decoding.sink().accept(buffer, offset, length);
            });
            return decoding.finish().get();
        } catch (WeirException e) {
            assertThat(e.code().kind()).as(e.getMessage()).isIn(ErrorKind.CLIENT, ErrorKind.CAPACITY);
            assertThat(charged).isEqualTo(decoding.chargedBytes().get());
            return null;
        }
    }

    private void charge(long delta) {
        calls++;
        if (charged + delta > MEMORY_LIMIT) {
            throw new WeirException(CommonError.OVERLOADED, "the trial's memory is used up");
        }
        charged += delta;
        peak = Math.max(peak, charged);
        assertThat(charged).as("bytes charged").isNotNegative();
    }
}
