package io.weir.ingest.decode.robust;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** Compresses small bodies in each encoding a request may have. */
final class Encodings {

    static final List<String> ALL = List.of("identity", "gzip", "deflate", "zstd", "lz4");

    private static final int PRIME_1 = 0x9e3779b1;
    private static final int PRIME_2 = 0x85ebca77;
    private static final int PRIME_3 = 0xc2b2ae3d;
    private static final int PRIME_5 = 0x165667b1;

    private Encodings() {}

    static byte[] compress(String encoding, byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (encoding) {
            case "gzip" -> write(new GZIPOutputStream(out), body);
            case "deflate" -> write(new DeflaterOutputStream(out), body);
            case "zstd" -> out.writeBytes(Zstd.compress(body));
            case "lz4" -> lz4(out, body);
            default -> out.writeBytes(body);
        }
        return out.toByteArray();
    }

    private static void write(OutputStream out, byte[] body) throws IOException {
        try (out) {
            out.write(body);
        }
    }

    /** A frame of independent blocks of 64 KiB, each one run of literals, without checksums but that of the header. */
    private static void lz4(ByteArrayOutputStream out, byte[] body) {
        int flags = 0x60;
        int blocks = 0x40;
        littleEndian(out, 0x184d2204);
        out.write(flags);
        out.write(blocks);
        out.write(headerChecksum(flags, blocks));
        for (int at = 0; at < body.length; at += 60_000) {
            int length = Math.min(60_000, body.length - at);
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            block.write(Math.min(length, 15) << 4);
            if (length >= 15) {
                int rest = length - 15;
                for (; rest >= 255; rest -= 255) {
                    block.write(255);
                }
                block.write(rest);
            }
            block.write(body, at, length);
            littleEndian(out, block.size());
            out.writeBytes(block.toByteArray());
        }
        littleEndian(out, 0);
    }

    /** Second byte of the XXH32 of two bytes, seed 0. */
    private static int headerChecksum(int first, int second) {
        int hash = PRIME_5 + 2;
        hash = Integer.rotateLeft(hash + first * PRIME_5, 11) * PRIME_1;
        hash = Integer.rotateLeft(hash + second * PRIME_5, 11) * PRIME_1;
        hash = (hash ^ hash >>> 15) * PRIME_2;
        hash = (hash ^ hash >>> 13) * PRIME_3;
        hash ^= hash >>> 16;
        return hash >>> 8 & 0xff;
    }

    private static void littleEndian(ByteArrayOutputStream out, int value) {
        for (int shift = 0; shift < 32; shift += 8) {
            out.write(value >>> shift);
        }
    }
}
