package io.weir.ingest.decode;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/** Random changes to bytes, and random cuts of them. */
public final class FuzzBytes {

    /** What takes the pieces of a body. */
    public interface Feed {
        void feed(byte[] buffer, int offset, int length);
    }

    private FuzzBytes() {}

    /** {@code bytes} with up to {@code changes} small changes: bytes flipped, cut, doubled or put in, or a piece put in. */
    public static byte[] mutate(byte[] bytes, Random random, int changes, String... pieces) {
        byte[] mutated = bytes;
        for (int n = random.nextInt(changes + 1); n > 0; n--) {
            int at = random.nextInt(mutated.length + 1);
            int cut = Math.min(random.nextInt(4), mutated.length - at);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(mutated, 0, at);
            switch (random.nextInt(6)) {
                case 0 -> out.write(random.nextInt(256));
                case 1 -> {
                    int from = random.nextInt(mutated.length + 1);
                    out.write(mutated, from, Math.min(random.nextInt(24), mutated.length - from));
                    cut = 0;
                }
                case 2 -> {
                    if (at < mutated.length) {
                        out.write(mutated[at] ^ 1 << random.nextInt(8));
                        cut = 1;
                    }
                }
                case 3 -> cut = 1;
                default -> {
                    cut = random.nextInt(3) == 0 ? cut : 0;
                    if (pieces.length > 0) {
                        byte[] piece = pieces[random.nextInt(pieces.length)].getBytes(UTF_8);
                        out.write(piece, 0, piece.length);
                    }
                }
            }
            cut = Math.min(cut, mutated.length - at);
            out.write(mutated, at + cut, mutated.length - at - cut);
            mutated = out.toByteArray();
        }
        return mutated;
    }

    /** Feeds {@code body} whole, in small or in middling pieces, each within garbage that must not be read. */
    public static void feed(byte[] body, Random random, Feed decoder) {
        int style = random.nextInt(3);
        for (int at = 0; at < body.length; ) {
            int length = style == 0 ? body.length : style == 1 ? 1 + random.nextInt(3) : 1 + random.nextInt(60);
            length = Math.min(length, body.length - at);
            byte[] piece = new byte[length + 20];
            random.nextBytes(piece);
            System.arraycopy(body, at, piece, 10, length);
            decoder.feed(piece, 10, length);
            at += length;
        }
    }
}
