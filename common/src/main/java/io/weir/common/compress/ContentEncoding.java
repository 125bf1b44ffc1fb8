package io.weir.common.compress;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.Names;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The ways in which a body may be compressed. */
public enum ContentEncoding {
    /** Not at all. */
    IDENTITY,
    /** gzip (RFC 1952), one or more members. */
    GZIP,
    /** zlib (RFC 1950), or the bare deflate (RFC 1951) that some clients send under this name. */
    DEFLATE,
    /** Zstandard (RFC 8878) with windows up to 8 MiB, as RFC 9659 asks of a content encoding. */
    ZSTD,
    /** LZ4 frames, format 1.6. */
    LZ4;

    private static final List<String> SUPPORTED = List.of("gzip", "zstd", "deflate", "lz4", "identity");

    /** The word for it in headers and messages. */
    public String token() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The encoding that a {@code Content-Encoding} header names; a missing or empty one means {@link #IDENTITY}.
     *
     * @throws WeirException {@code unsupported-encoding} with the list of what is {@code supported}
     */
    public static ContentEncoding ofHeader(@Nullable String header) {
        String token = header == null ? "" : header.trim().toLowerCase(Locale.ROOT);
        return switch (token) {
            case "", "identity" -> IDENTITY;
            case "gzip", "x-gzip" -> GZIP;
            case "deflate" -> DEFLATE;
            case "zstd" -> ZSTD;
            case "lz4" -> LZ4;
            default ->
                throw new WeirException(
                        CommonError.UNSUPPORTED_ENCODING,
                        "content encoding \"" + Names.printable(token) + "\" is not supported (expected one of: "
                                + String.join(", ", SUPPORTED) + ")",
                        Map.of("supported", SUPPORTED));
        };
    }

    /** The encoding whose magic bytes {@code bytes[0, length)} begin with, else {@link #IDENTITY}; null when more bytes could tell. */
    static @Nullable ContentEncoding ofMagic(byte[] bytes, int length) {
        boolean undecided = false;
        for (ContentEncoding encoding : values()) {
            byte[] magic = magic(encoding);
            int same = 0;
            while (same < length && same < magic.length && bytes[same] == magic[same]) {
                same++;
            }
            if (same == magic.length && magic.length > 0) {
                return encoding;
            }
            undecided |= same == length && magic.length > 0;
        }
        return undecided ? null : IDENTITY;
    }

    private static byte[] magic(ContentEncoding encoding) {
        return switch (encoding) {
            case GZIP -> new byte[] {0x1f, (byte) 0x8b, 8};
            case ZSTD -> new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
            case LZ4 -> new byte[] {4, 0x22, 0x4d, 0x18};
            case IDENTITY, DEFLATE -> new byte[0];
        };
    }
}
