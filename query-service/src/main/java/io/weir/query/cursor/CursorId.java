package io.weir.query.cursor;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a client holds: the secret name of a result on this server, and the page it is about to read.
 *
 * <pre>
 *   base64url( name: 16 random bytes │ page: 4 bytes )
 * </pre>
 *
 * @param name hexadecimal
 * @param page from 0
 */
record CursorId(String name, int page) {

    private static final int NAME_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** The first page of a new result. Blocks for a moment: it reads the system's randomness. */
    static CursorId fresh() {
        byte[] name = new byte[NAME_BYTES];
        RANDOM.nextBytes(name);
        return new CursorId(HexFormat.of().formatHex(name), 0);
    }

    /** What a client sent; null when that never was a cursor. */
    static @Nullable CursorId of(String text) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
            if (bytes.remaining() != NAME_BYTES + Integer.BYTES) {
                return null;
            }
            byte[] name = new byte[NAME_BYTES];
            bytes.get(name);
            int page = bytes.getInt();
            return page < 0 ? null : new CursorId(HexFormat.of().formatHex(name), page);
        } catch (IllegalArgumentException notBase64) {
            return null;
        }
    }

    /** That page of the same result. */
    CursorId at(int otherPage) {
        return new CursorId(name, otherPage);
    }

    /** What to give to the client. */
    String text() {
        ByteBuffer bytes = ByteBuffer.allocate(NAME_BYTES + Integer.BYTES);
        bytes.put(HexFormat.of().parseHex(name)).putInt(page);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }
}
