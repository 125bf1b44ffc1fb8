package io.weir.ingest.decode.robust;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.ingest.decode.DecodedWrite;
import io.weir.ingest.decode.FuzzBytes;
import io.weir.ingest.decode.FuzzCases;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No bytes crash a decoder, keep it busy for ever, or make it take more memory than it may (LESSONS 12, 58). */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DecoderRobustnessTest {

    private static final String[] PIECES = {
        "\"",
        "\\",
        "\n",
        "{",
        "[",
        "}",
        "]",
        ":",
        ",",
        "=",
        " ",
        "9999999999999999999",
        "\\ud800",
        "é",
        "\r\n",
        "m v=\"",
        "{\"v\":"
    };

    /** Classes and native libraries are loaded before anything is measured. */
    @BeforeAll
    static void load() throws IOException {
        for (BodyFormat format : BodyFormat.values()) {
            for (String encoding : Encodings.ALL) {
                new BodyTrial().send(format, encoding, Encodings.compress(encoding, format.samples()[0]), 7);
            }
        }
    }

    @Test
    void soundBodiesGoThroughEveryEncoding() throws IOException {
        for (BodyFormat format : BodyFormat.values()) {
            for (byte[] sample : format.samples()) {
                for (String encoding : Encodings.ALL) {
                    DecodedWrite write = new BodyTrial().run(format, encoding, Encodings.compress(encoding, sample), 7);
                    assertThat(write).as("%s as %s", format, encoding).isNotNull();
                    assertThat(write.acceptedRows())
                            .as("%s as %s", format, encoding)
                            .isPositive();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(BodyFormat.class)
    void damagedBodiesDoNoHarm(BodyFormat format) {
        FuzzCases.run("damaged " + format, FuzzCases.DIFFERENTIAL / 5, random -> {
            byte[] body = FuzzBytes.mutate(several(format, random), random, 6, PIECES);
            new BodyTrial().run(format, "identity", body, piece(random, body));
        });
    }

    @ParameterizedTest
    @EnumSource(BodyFormat.class)
    void randomBytesDoNoHarm(BodyFormat format) {
        FuzzCases.run("random bytes as " + format, FuzzCases.DIFFERENTIAL / 10, random -> {
            byte[] body = new byte[random.nextInt(200)];
            random.nextBytes(body);
            new BodyTrial().run(format, "identity", body, piece(random, body));
        });
    }

    @ParameterizedTest
    @EnumSource(BodyFormat.class)
    void damagedCompressionDoesNoHarm(BodyFormat format) { // LESSONS 58
        FuzzCases.run("damaged compression of " + format, FuzzCases.DIFFERENTIAL / 10, random -> {
            String encoding = Encodings.ALL.get(1 + random.nextInt(4));
            byte[] body = FuzzBytes.mutate(several(format, random), random, 2, PIECES);
            byte[] wire = FuzzBytes.mutate(Encodings.compress(encoding, body), random, random.nextInt(4));
            // Told by the header, or else by the magic bytes.
            new BodyTrial().run(format, random.nextBoolean() ? encoding : "", wire, piece(random, wire));
        });
    }

    @ParameterizedTest
    @EnumSource(BodyFormat.class)
    void repeatedFragmentsCostInProportion(BodyFormat format) {
        List<String> fragments = List.of(
                "\"",
                "\\",
                "\n",
                "m v=\"\n",
                "m,= v=\"",
                "m v=1\n",
                "#",
                " ",
                "[",
                "{",
                "{\"a\":",
                "[{",
                "{}\n",
                "{\"v\":1}\n",
                "{\"v\":\"\\u00e9",
                "[1],",
                "\u0091",
                "{\"v\":[\n",
                "m v=\"\\",
                ",a=b");
        for (String fragment : fragments) {
            BodyTrial trial = new BodyTrial();
            long once = allocated(trial, format, fragment, 40_000);
            long twice = allocated(trial, format, fragment, 80_000);
            assertThat(twice)
                    .as("bytes allocated for twice the body of \"%s\", after %d for once", fragment, once)
                    .isLessThan(3 * once + (1 << 20));
        }
    }

    private static long allocated(BodyTrial trial, BodyFormat format, String fragment, int bytes) {
        byte[] body = fragment.repeat(bytes / fragment.length()).getBytes(UTF_8);
        trial.run(format, "identity", body, 8_000);
        return trial.allocated();
    }

    private static byte[] several(BodyFormat format, Random random) {
        byte[][] samples = format.samples();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            body.writeBytes(samples[random.nextInt(samples.length)]);
        }
        return body.toByteArray();
    }

    private static int piece(Random random, byte[] body) {
        return 1 + random.nextInt(random.nextBoolean() ? 5 : Math.max(1, body.length));
    }
}
