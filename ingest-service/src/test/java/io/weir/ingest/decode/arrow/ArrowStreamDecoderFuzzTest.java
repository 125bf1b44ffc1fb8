package io.weir.ingest.decode.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.ingest.IngestError;
import io.weir.ingest.decode.DecodeLimits;
import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.DecodedRow;
import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.Precision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Requirement P1 of the decoders: no input is read differently than Arrow reads it; none crashes, hangs or takes more than it may. */
class ArrowStreamDecoderFuzzTest {

    private static final int CASES = Integer.getInteger("weir.fuzz.cases", 50_000);
    private static final long SEED = Long.getLong("weir.fuzz.seed", System.nanoTime());
    private static final long RECEIVED = 1_650_000_000_123_456_789L;
    private static final long MAX_BYTES = 1 << 20;
    private static final long MEMORY = 8 << 20;
    private static final Precision[] PRECISIONS = {
        Precision.AUTO,
        Precision.AUTO,
        Precision.NANOSECOND,
        Precision.MICROSECOND,
        Precision.MILLISECOND,
        Precision.SECOND
    };

    @Test
    void agreesWithTheReferenceOnRandomStreams() throws IOException {
        System.out.println("Arrow differential fuzz: -Dweir.fuzz.seed=" + SEED + " -Dweir.fuzz.cases=" + CASES);
        int accepted = 0;
        for (int i = 0; i < CASES; i++) {
            Random random = new Random(SEED + i);
            accepted += compare(new RandomStream(random), random, "-Dweir.fuzz.seed=" + (SEED + i)) ? 1 : 0;
        }
        // A generator whose streams were mostly refused would prove little.
        assertThat(accepted).isGreaterThan(CASES / 2);
    }

    @Test
    void nothingButItsOwnErrorsComesOfDamagedStreams() {
        System.out.println("Arrow mutation fuzz: -Dweir.fuzz.seed=" + SEED + " -Dweir.fuzz.cases=" + CASES);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        int refused = 0;
        RandomStream stream = null;
        for (int i = 0; i < CASES; i++) {
            Random random = new Random(SEED + i);
            if (stream == null || i % 8 == 0) {
                stream = new RandomStream(random);
            }
            byte[] damaged = damaged(stream.bytes, random);
            long before = threads.getThreadAllocatedBytes(thread);
            long start = System.nanoTime();
            refused += survives(damaged, stream, random, "-Dweir.fuzz.seed=" + (SEED + i)) ? 0 : 1;
            long allocated = threads.getThreadAllocatedBytes(thread) - before;
            assertThat(allocated)
                    .as("allocated, -Dweir.fuzz.seed=%d", SEED + i)
                    .isLessThan(2 * MEMORY + 20L * damaged.length + (4 << 20));
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
        }
        assertThat(refused).isGreaterThan(CASES / 4);
    }

    @Test
    void everyPrefixEndsInAnAnswer() {
        RandomStream stream = new RandomStream(new Random(SEED));
        for (int length = 0; length < stream.bytes.length; length++) {
            survives(Arrays.copyOf(stream.bytes, length), stream, new Random(length), "prefix " + length);
        }
    }

    @Test
    void rawBytesAreRefused() {
        for (int i = 0; i < 10_000; i++) {
            Random random = new Random(SEED + i);
            byte[] body = new byte[1 + random.nextInt(200)];
            random.nextBytes(body);
            if (random.nextBoolean() && body.length > 8) {
                body[0] = body[1] = body[2] = body[3] = -1;
                body[4] = (byte) random.nextInt(body.length);
                body[5] = body[6] = body[7] = 0;
            }
            RandomStream none = null;
            survives(body, none, random, "-Dweir.fuzz.seed=" + (SEED + i));
        }
    }

    /** Whether the stream was accepted, by both. */
    private static boolean compare(RandomStream stream, Random random, String label) throws IOException {
        Precision precision = PRECISIONS[random.nextInt(PRECISIONS.length)];
        AtomicLong charged = new AtomicLong();
        DecodeOptions options = new DecodeOptions(
                precision,
                RECEIVED,
                measurement -> stream.stored,
                new DecodeLimits(1 << 20, 1_024, 100, random.nextInt(4) == 0 ? 2_000 : 32 << 20),
                charged::addAndGet);
        List<DecodedRow> expected = null;
        String reason = "";
        try {
            expected = new ReferenceArrowDecoder("m", stream.tags, precision, RECEIVED, stream.stored)
                    .decode(stream.bytes);
        } catch (ReferenceArrowDecoder.Refused e) {
            reason = e.getMessage();
        }
        try {
            DecodedWrite write = decode(stream.bytes, stream.tags, random, options);
            List<DecodedRow> actual = DecodedRow.byMeasurement(write.batches()).getOrDefault("m", List.of());
            if (expected == null || !actual.equals(expected)) {
                assertThat(expected)
                        .as("%s: the reference refuses: %s", label, reason)
                        .isNotNull();
                assertThat(actual).as(label).isEqualTo(expected);
            }
            assertThat(write.acceptedRows()).isEqualTo(actual.size());
            assertThat(charged.get())
                    .as(label)
                    .isEqualTo(write.batches().stream()
                            .mapToLong(ColumnBatch::sizeBytes)
                            .sum());
            return true;
        } catch (WeirException e) {
            if (expected != null || e.code() != IngestError.INVALID_ARROW) {
                fail(label + " is read by the reference", e);
            }
            return false;
        }
    }

    /** Whether the stream was accepted. */
    private static boolean survives(byte[] body, RandomStream stream, Random random, String label) {
        AtomicLong charged = new AtomicLong();
        DecodeOptions options = new DecodeOptions(
                Precision.AUTO,
                RECEIVED,
                measurement -> stream == null ? null : stream.stored,
                DecodeLimits.DEFAULT,
                delta -> {
                    if (charged.addAndGet(delta) > MEMORY) {
                        throw new WeirException(CommonError.OVERLOADED, "no memory left", Map.of());
                    }
                });
        try {
            decode(body, stream == null ? Set.of() : stream.tags, random, options)
                    .batches()
                    .forEach(DecodedRow::of);
            return true;
        } catch (WeirException e) {
            assertThat(e.code())
                    .as(label)
                    .isIn(IngestError.INVALID_ARROW, CommonError.BODY_TOO_LARGE, CommonError.OVERLOADED);
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(label, e);
        }
    }

    private static DecodedWrite decode(byte[] body, Set<String> tags, Random random, DecodeOptions options) {
        ArrowStreamDecoder decoder = new ArrowStreamDecoder(options, new ArrowParameters("m", tags, MAX_BYTES));
        int style = random.nextInt(6);
        for (int at = 0; at < body.length; ) {
            int length = style < 3 ? body.length : style == 3 ? 1 + random.nextInt(7) : 1 + random.nextInt(300);
            length = Math.min(length, body.length - at);
            // Surrounding garbage must not be read as part of the piece.
            byte[] piece = new byte[length + 20];
            Arrays.fill(piece, (byte) 0x5a);
            System.arraycopy(body, at, piece, 10, length);
            decoder.feed(piece, 10, length);
            at += length;
        }
        return decoder.finish();
    }

    private static byte[] damaged(byte[] body, Random random) {
        byte[] bytes = body.clone();
        for (int n = 1 + random.nextInt(4); n > 0 && bytes.length > 0; n--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(8)) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    out.write(bytes, 0, at);
                    int count = 1 + random.nextInt(8);
                    for (int i = 0; i < count; i++) {
                        out.write(random.nextInt(3) == 0 ? 0xff : random.nextInt(256));
                    }
                    out.write(bytes, at, bytes.length - at);
                    bytes = out.toByteArray();
                }
                case 2 -> {
                    for (int i = at & ~3; i < Math.min((at & ~3) + 4, bytes.length); i++) {
                        bytes[i] = (byte) (random.nextInt(4) == 0 ? 0x7f : random.nextInt(3) - 1);
                    }
                }
                case 3 -> bytes[at] = (byte) random.nextInt();
                case 4 -> bytes[at] = (byte) (random.nextBoolean() ? 0x7f : 0xff);
                default -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            }
        }
        return bytes;
    }
}
