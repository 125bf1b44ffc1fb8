package io.weir.common.compress;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** xxHash, 32 bits, seed 0 (specification 0.1.1): the checksum of LZ4 frames. Fed piece by piece. */
final class XxHash32 {

    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int STRIPE = 16;
    private static final int PRIME_1 = 0x9E3779B1;
    private static final int PRIME_2 = 0x85EBCA77;
    private static final int PRIME_1_PLUS_2 = 0x24234428;
    private static final int PRIME_3 = 0xC2B2AE3D;
    private static final int PRIME_4 = 0x27D4EB2F;
    private static final int PRIME_5 = 0x165667B1;

    private final int[] lanes = new int[4];
    private final byte[] rest = new byte[STRIPE];
    private int restLength;
    private long total;

    XxHash32() {
        reset();
    }

    /** The hash of one whole range. */
    static int of(byte[] bytes, int from, int to) {
        XxHash32 hash = new XxHash32();
        hash.update(bytes, from, to);
        return hash.value();
    }

    void reset() {
        lanes[0] = PRIME_1_PLUS_2;
        lanes[1] = PRIME_2;
        lanes[2] = 0;
        lanes[3] = -PRIME_1;
        restLength = 0;
        total = 0;
    }

    void update(byte[] bytes, int from, int to) {
        total += to - from;
        int at = from;
        if (restLength > 0) {
            int count = Math.min(STRIPE - restLength, to - at);
            System.arraycopy(bytes, at, rest, restLength, count);
            restLength += count;
            at += count;
            if (restLength < STRIPE) {
                return;
            }
            stripe(rest, 0);
        }
        for (; at + STRIPE <= to; at += STRIPE) {
            stripe(bytes, at);
        }
        restLength = to - at;
        System.arraycopy(bytes, at, rest, 0, restLength);
    }

    /** The hash of everything since the last reset. */
    int value() {
        int hash = total < STRIPE
                ? PRIME_5
                : Integer.rotateLeft(lanes[0], 1)
                        + Integer.rotateLeft(lanes[1], 7)
                        + Integer.rotateLeft(lanes[2], 12)
                        + Integer.rotateLeft(lanes[3], 18);
        hash += (int) total;
        int at = 0;
        for (; at + 4 <= restLength; at += 4) {
            hash = Integer.rotateLeft(hash + (int) INTS.get(rest, at) * PRIME_3, 17) * PRIME_4;
        }
        for (; at < restLength; at++) {
            hash = Integer.rotateLeft(hash + (rest[at] & 0xff) * PRIME_5, 11) * PRIME_1;
        }
        hash = (hash ^ (hash >>> 15)) * PRIME_2;
        hash = (hash ^ (hash >>> 13)) * PRIME_3;
        return hash ^ (hash >>> 16);
    }

    private void stripe(byte[] bytes, int at) {
        for (int lane = 0; lane < 4; lane++) {
            int word = (int) INTS.get(bytes, at + 4 * lane);
            lanes[lane] = Integer.rotateLeft(lanes[lane] + word * PRIME_2, 13) * PRIME_1;
        }
    }
}
