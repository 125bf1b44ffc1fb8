package io.weir.common.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongConsumer;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** REQUIREMENTS P2, LESSONS 58. */
class DecompressorTest {

    private static final DecompressionLimits AMPLE = DecompressionLimits.ofOutput(1L << 30);
    private static final byte[] BODY = body(3_000);

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd", "lz4", "identity"})
    void inflatesInAnyPieces(String encoding) throws IOException {
        byte[] body = encoding.equals("lz4") ? resource("body.txt") : BODY;
        byte[] compressed = compress(encoding, body);
        long seed = System.nanoTime();
        for (int i = 0; i < 60; i++) {
            Random random = new Random(seed + i);
            int largest = 1 + random.nextInt(i < 20 ? 5 : 60_000);
            assertThat(inflate(encoding, compressed, AMPLE, random, largest))
                    .as("seed " + (seed + i))
                    .isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "zstd", "lz4"})
    void recognisesMagicBytesWithoutAHeader(String encoding) throws IOException {
        byte[] body = encoding.equals("lz4") ? resource("body.txt") : BODY;
        byte[] compressed = compress(encoding, body);
        for (String header : Arrays.asList(null, "", "identity")) {
            assertThat(inflate(header, compressed, AMPLE, new Random(1), 1 + compressed.length / 3))
                    .isEqualTo(body);
            assertThat(inflate(header, compressed, AMPLE, new Random(1), 2)).isEqualTo(body);
        }
    }

    @Test
    void shortAndAlmostMagicBodiesPassAsTheyAre() {
        for (byte[] body : List.of(new byte[0], new byte[] {0x1f}, new byte[] {0x28, (byte) 0xb5, 0x2f, 1, 2})) {
            assertThat(inflate(null, body, AMPLE, new Random(1), 1)).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd", "lz4"})
    void stopsABombAtTheOutputLimit(String encoding) throws IOException {
        byte[] bomb = encoding.equals("lz4") ? lz4Bomb(64) : compress(encoding, new byte[64 << 20]);
        DecompressionLimits limits = new DecompressionLimits(1_000_000, 1_000_000, 1 << 20);
        assertStopped(encoding, bomb, limits, 1_000_000, "1000000 bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd", "lz4"})
    void stopsABombAtTheRatioLimit(String encoding) throws IOException {
        byte[] bomb = encoding.equals("lz4") ? lz4Bomb(64) : compress(encoding, new byte[64 << 20]);
        DecompressionLimits limits = new DecompressionLimits(1L << 30, 100, 1 << 20);
        assertStopped(encoding, bomb, limits, (1 << 20) + 100L * bomb.length, "more than 100 times");
    }

    @Test
    void limitIsExact() throws IOException {
        for (String encoding : List.of("gzip", "deflate", "zstd", "identity")) {
            byte[] compressed = compress(encoding, BODY);
            assertThat(inflate(encoding, compressed, DecompressionLimits.ofOutput(BODY.length), new Random(1), 999))
                    .hasSize(BODY.length);
            DecompressionLimits oneLess = DecompressionLimits.ofOutput(BODY.length - 1);
            assertThat(failure(encoding, compressed, oneLess).code()).isEqualTo(CommonError.BODY_TOO_LARGE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd", "lz4"})
    void cutAtAnyByteIsInvalid(String encoding) throws IOException {
        byte[] compressed = encoding.equals("lz4") ? small() : compress(encoding, body(40));
        for (int length = 0; length < compressed.length; length++) {
            WeirException failure = failure(encoding, Arrays.copyOf(compressed, length), AMPLE);
            assertThat(failure.code()).isEqualTo(CommonError.INVALID_COMPRESSION);
            assertThat(failure.context()).containsEntry("encoding", encoding).containsEntry("offset", (long) length);
            assertThat(failure.detail()).startsWith(encoding + " body is not valid at byte " + length);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd", "lz4"})
    void flippedBytesNeverCrashAndChecksumsSeeThem(String encoding) throws IOException {
        byte[] body = encoding.equals("lz4") ? resource("body.txt") : body(60);
        byte[] compressed = encoding.equals("lz4") ? resource("checksums.lz4") : compress(encoding, body);
        int step = Math.max(1, compressed.length / 700);
        for (int at = 0; at < compressed.length; at += step) {
            byte[] damaged = compressed.clone();
            damaged[at] ^= (byte) (1 << (at & 7));
            try {
                byte[] inflated = inflate(encoding, damaged, AMPLE, new Random(at), 5_000);
                assertThat(inflated).as("flip at " + at).isEqualTo(body);
            } catch (WeirException e) {
                assertThat(e.code()).isIn(CommonError.INVALID_COMPRESSION, CommonError.BODY_TOO_LARGE);
            }
        }
    }

    @Test
    void garbageIsInvalidFromTheFirstByte() {
        byte[] garbage = "not compressed at all".getBytes(StandardCharsets.UTF_8);
        for (String encoding : List.of("gzip", "deflate", "zstd", "lz4")) {
            assertThat(failure(encoding, garbage, AMPLE).code()).isEqualTo(CommonError.INVALID_COMPRESSION);
        }
        assertThat(failure("gzip", garbage, AMPLE).detail())
                .isEqualTo("gzip body is not valid at byte 0: not a gzip header");
    }

    @Test
    void readsSeveralMembersAndFrames() throws IOException {
        for (String encoding : List.of("gzip", "zstd", "lz4")) {
            byte[] one = encoding.equals("lz4") ? small() : compress(encoding, body(40));
            byte[] single = inflate(encoding, one, AMPLE, new Random(1), 100);
            ByteArrayOutputStream both = new ByteArrayOutputStream();
            both.write(one);
            both.write(one);
            for (int largest : new int[] {1, 7, 100_000}) {
                assertThat(inflate(encoding, both.toByteArray(), AMPLE, new Random(1), largest))
                        .hasSize(2 * single.length);
            }
            both.write('x');
            assertThat(failure(encoding, both.toByteArray(), AMPLE).code()).isEqualTo(CommonError.INVALID_COMPRESSION);
        }
    }

    @Test
    void readsEveryGzipHeaderField() throws IOException {
        byte[] plain = compress("gzip", BODY);
        ByteArrayOutputStream full = new ByteArrayOutputStream();
        full.write(plain, 0, 3);
        full.write(0x1e);
        full.write(plain, 4, 6);
        full.write(new byte[] {3, 0, 1, 2, 3, 'n', 'a', 0, 'c', 0, 9, 9});
        full.write(plain, 10, plain.length - 10);
        assertThat(inflate("gzip", full.toByteArray(), AMPLE, new Random(1), 3)).isEqualTo(BODY);
    }

    @Test
    void readsBareDeflate() throws IOException {
        Deflater deflater = new Deflater(6, true);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream stream = new DeflaterOutputStream(out, deflater)) {
            stream.write(BODY);
        }
        deflater.end();
        assertThat(inflate("deflate", out.toByteArray(), AMPLE, new Random(1), 1))
                .isEqualTo(BODY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"linked-64k.lz4", "checksums.lz4", "plain.lz4"})
    void readsLz4FramesOfTheReferenceTool(String file) throws IOException {
        for (int largest : new int[] {1, 1_000, 100_000}) {
            assertThat(inflate("lz4", resource(file), AMPLE, new Random(1), largest))
                    .isEqualTo(resource("body.txt"));
        }
    }

    @Test
    void refusesZstdWindowsBeyondEightMebibytes() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStream stream = new ZstdOutputStream(out)) {
            stream.setLong(27);
            stream.write(BODY);
        }
        assertThat(failure("zstd", out.toByteArray(), AMPLE).code()).isEqualTo(CommonError.INVALID_COMPRESSION);
    }

    @Test
    void unknownEncodingSaysWhatIsSupported() {
        assertThatThrownBy(() -> Decompressor.open("br", AMPLE)).isInstanceOfSatisfying(WeirException.class, e -> {
            assertThat(e.code()).isEqualTo(CommonError.UNSUPPORTED_ENCODING);
            assertThat(e.detail())
                    .isEqualTo("content encoding \"br\" is not supported (expected one of: gzip, zstd, deflate,"
                            + " lz4, identity)");
        });
        assertThatThrownBy(() -> Decompressor.open("gzip, zstd", AMPLE)).isInstanceOf(WeirException.class);
        assertThat(ContentEncoding.ofHeader(" X-GZIP ")).isEqualTo(ContentEncoding.GZIP);
    }

    @Test
    void closesInEveryStateAndTwice() throws IOException {
        // REQUIREMENTS T1: contexts come back on success, error and abort alike.
        for (int i = 0; i < 2_000; i++) {
            String encoding = List.of("gzip", "deflate", "zstd", "lz4").get(i % 4);
            byte[] compressed = encoding.equals("lz4") ? small() : compress(encoding, body(5));
            if (i % 3 == 0) {
                compressed[compressed.length / 2] ^= 0x55;
            }
            try (Decompressor body = Decompressor.open(encoding, AMPLE)) {
                body.feed(compressed, 0, i % compressed.length, (buffer, offset, length) -> {});
                body.close();
                assertThatThrownBy(() -> body.feed(new byte[1], 0, 1, (buffer, offset, length) -> {}))
                        .isInstanceOf(IllegalStateException.class);
            } catch (WeirException expected) {
                assertThat(expected.code()).isEqualTo(CommonError.INVALID_COMPRESSION);
            }
        }
        assertThat(inflate("zstd", compress("zstd", BODY), AMPLE, new Random(1), 10_000))
                .isEqualTo(BODY);
        assertThat(inflate("gzip", compress("gzip", BODY), AMPLE, new Random(1), 10_000))
                .isEqualTo(BODY);
    }

    /** Sums what it hears, and refuses what passes its limit. */
    private static final class Meter implements LongConsumer {
        final long limit;
        long held;
        long most;

        Meter(long limit) {
            this.limit = limit;
        }

        @Override
        public void accept(long delta) {
            if (held + delta > limit) {
                throw new WeirException(CommonError.OVERLOADED, "full");
            }
            held += delta;
            most = Math.max(most, held);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "zstd", "lz4"})
    void whatItHoldsIsChargedAndGivenBack(String encoding) throws IOException { // invariant 3
        byte[] compressed = compress(encoding, BODY);
        for (int cut : new int[] {compressed.length, compressed.length / 2, 5, 0}) {
            Meter meter = new Meter(Long.MAX_VALUE);
            Decompressor body = Decompressor.open(encoding, AMPLE, meter);
            body.feed(compressed, 0, cut, (buffer, offset, length) -> {});
            assertThat(meter.held).isGreaterThan(64 << 10);
            body.close();
            body.close();
            assertThat(meter.held)
                    .as("after %d of %d bytes", cut, compressed.length)
                    .isZero();
        }
        assertThatThrownBy(() -> Decompressor.open(encoding, AMPLE, new Meter(10_000)))
                .isInstanceOfSatisfying(
                        WeirException.class, e -> assertThat(e.code()).isEqualTo(CommonError.OVERLOADED));
    }

    @Test
    void aZstdWindowIsChargedBeforeItIsTaken()
            throws IOException { // LESSONS 58: 20 bytes ask for 8 MiB of native memory
        byte[] compressed = zstdOfWindow(23, BODY);
        Meter meter = new Meter(Long.MAX_VALUE);
        try (Decompressor body = Decompressor.open("zstd", AMPLE, meter)) {
            body.feed(compressed, 0, 20, (buffer, offset, length) -> {});
            assertThat(meter.held).isBetween(8L << 20, 9L << 20);
        }
        Meter small = new Meter(4 << 20);
        try (Decompressor body = Decompressor.open("zstd", AMPLE, small)) {
            assertThatThrownBy(() -> body.feed(compressed, 0, 20, (buffer, offset, length) -> {}))
                    .hasMessage("full");
        }
        assertThat(small.held).isZero();
        Meter little = new Meter(Long.MAX_VALUE);
        try (Decompressor body = Decompressor.open("zstd", AMPLE, little)) {
            byte[] frame = compress("zstd", body(5)); // says its size: needs no more than that
            body.feed(frame, 0, frame.length, (buffer, offset, length) -> {});
            assertThat(little.most).isLessThan(1 << 20);
        }
    }

    @Test
    void zstdFramesOfAllKindsFollowOneAnotherInAnyPieces() throws IOException {
        ByteArrayOutputStream frames = new ByteArrayOutputStream();
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        byte[] skippable = {0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
        byte[] emptySkippable = {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0};
        for (byte[] part : List.of(body(1), body(40), BODY, new byte[0], body(300))) {
            frames.writeBytes(plain.size() % 2 == 0 ? compress("zstd", part) : zstdOfWindow(18, part));
            frames.writeBytes(skippable);
            frames.writeBytes(emptySkippable);
            plain.writeBytes(part);
        }
        long seed = System.nanoTime();
        for (int largest : new int[] {1, 2, 7, 100, 70_000, 1_000_000}) {
            assertThat(inflate("zstd", frames.toByteArray(), AMPLE, new Random(seed), largest))
                    .as("seed %d, pieces up to %d", seed, largest)
                    .isEqualTo(plain.toByteArray());
        }
    }

    private static byte[] zstdOfWindow(int windowLog, byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStream stream = new ZstdOutputStream(out)) {
            stream.setLong(windowLog);
            stream.write(body);
        }
        return out.toByteArray();
    }

    @Test
    void shelfKeepsAFewAndDisposesOfTheRest() {
        List<Object> disposed = new ArrayList<>();
        Shelf<Object> shelf = new Shelf<>(2, Object::new, disposed::add);
        for (int i = 0; i < 5; i++) {
            shelf.putBack(new Object());
        }
        assertThat(shelf.size()).isEqualTo(2);
        assertThat(disposed).hasSize(3);
        shelf.take();
        assertThat(shelf.size()).isOne();
    }

    private static void assertStopped(
            String encoding, byte[] bomb, DecompressionLimits limits, long most, String message) {
        long[] received = new long[1];
        try (Decompressor body = Decompressor.open(encoding, limits)) {
            WeirException failure = catchThrowableOfType(WeirException.class, () -> {
                body.feed(bomb, 0, bomb.length, (buffer, offset, length) -> received[0] += length);
                body.finish((buffer, offset, length) -> received[0] += length);
            });
            assertThat(failure.code()).isEqualTo(CommonError.BODY_TOO_LARGE);
            assertThat(failure.detail()).contains(message);
            assertThat(received[0]).isLessThanOrEqualTo(most);
            assertThat(body.outputBytes()).isEqualTo(received[0]);
        }
    }

    private static WeirException failure(String encoding, byte[] compressed, DecompressionLimits limits) {
        return catchThrowableOfType(
                WeirException.class, () -> inflate(encoding, compressed, limits, new Random(7), 10_000));
    }

    private static byte[] inflate(
            String encoding, byte[] compressed, DecompressionLimits limits, Random random, int largest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Decompressor body = Decompressor.open(encoding, limits)) {
            for (int at = 0; at < compressed.length; ) {
                int length = Math.min(1 + random.nextInt(largest), compressed.length - at);
                body.feed(compressed, at, length, out::write);
                at += length;
            }
            body.finish(out::write);
            assertThat(body.inputBytes()).isEqualTo(compressed.length);
        }
        return out.toByteArray();
    }

    private static byte[] compress(String encoding, byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (encoding) {
            case "gzip" -> {
                try (GZIPOutputStream stream = new GZIPOutputStream(out)) {
                    stream.write(body);
                }
            }
            case "deflate" -> {
                try (DeflaterOutputStream stream = new DeflaterOutputStream(out)) {
                    stream.write(body);
                }
            }
            case "zstd" -> {
                byte[] compressed = new byte[(int) Zstd.compressBound(body.length)];
                try (com.github.luben.zstd.ZstdCompressCtx context = new com.github.luben.zstd.ZstdCompressCtx()) {
                    context.setChecksum(true);
                    int length = context.compressByteArray(compressed, 0, compressed.length, body, 0, body.length);
                    out.write(compressed, 0, length);
                }
            }
            case "lz4" -> out.write(resource("linked-64k.lz4"));
            default -> out.write(body);
        }
        return out.toByteArray();
    }

    /** A frame of {@code blocks} blocks of 4 MiB, each one zero repeated. */
    private static byte[] lz4Bomb(int blocks) {
        int length = (4 << 20) - 12;
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0x1f);
        block.write(0);
        block.write(1);
        block.write(0);
        int left = length - 19;
        for (; left >= 255; left -= 255) {
            block.write(255);
        }
        block.write(left);
        block.write(0x50);
        block.writeBytes(new byte[5]);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        byte[] descriptor = {0x60, 0x70};
        frame.writeBytes(new byte[] {4, 0x22, 0x4d, 0x18, 0x60, 0x70});
        frame.write(XxHash32.of(descriptor, 0, 2) >>> 8);
        for (int i = 0; i < blocks; i++) {
            for (int shift = 0; shift < 32; shift += 8) {
                frame.write(block.size() >>> shift);
            }
            frame.writeBytes(block.toByteArray());
        }
        frame.writeBytes(new byte[4]);
        return frame.toByteArray();
    }

    /** A frame with a checksum of its content, which is not compressed. */
    private static byte[] small() {
        byte[] body = body(3);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        byte[] descriptor = {0x64, 0x40};
        frame.writeBytes(new byte[] {4, 0x22, 0x4d, 0x18, 0x64, 0x40});
        frame.write(XxHash32.of(descriptor, 0, 2) >>> 8);
        for (int number : new int[] {body.length | 1 << 31, -1, 0, XxHash32.of(body, 0, body.length)}) {
            if (number == -1) {
                frame.writeBytes(body);
                continue;
            }
            for (int shift = 0; shift < 32; shift += 8) {
                frame.write(number >>> shift);
            }
        }
        return frame.toByteArray();
    }

    private static byte[] body(int lines) {
        Random random = new Random(42);
        StringBuilder body = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            body.append("cpu,host=h")
                    .append(random.nextInt(20))
                    .append(" usage=")
                    .append(random.nextDouble())
                    .append('\n');
        }
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream stream = DecompressorTest.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IOException("no resource " + name);
            }
            return stream.readAllBytes();
        }
    }
}
