package io.weir.access;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A token taken apart.
 *
 * <pre>
 *   weir_ 3f9a0c…(24 hex digits) _ …(54 characters of base64url)
 *         id, 12 bytes             secret, 32 random bytes │ seal, 8 bytes
 * </pre>
 *
 * The id finds the token in the catalog and is no secret. The seal is made of all before it with a key of the catalog, so
 * that what was made up is refused at once, without asking the catalog and without a slow hash.
 */
final class TokenText {

    static final String PREFIX = "weir_";
    static final int ID_BYTES = 12;
    static final int SECRET_BYTES = 32;
    static final int SEAL_BYTES = 8;

    private static final int ID_LENGTH = 2 * ID_BYTES;
    private static final int ID_END = PREFIX.length() + ID_LENGTH;
    private static final int REST_LENGTH = 54;
    private static final int LENGTH = ID_END + 1 + REST_LENGTH;

    private final String id;
    private final byte[] secret;
    private final byte[] seal;

    /**
     * A token of these parts.
     *
     * @param id id as text
     * @param secret the secret, {@value #SECRET_BYTES} bytes
     * @param seal the seal, {@value #SEAL_BYTES} bytes
     */
    TokenText(String id, byte[] secret, byte[] seal) {
        this.id = id;
        this.secret = secret;
        this.seal = seal;
    }

    String id() {
        return id;
    }

    byte[] seal() {
        return seal;
    }

    /** The token's parts; null when it is none, whatever it may be. */
    static @Nullable TokenText parse(String token) {
        String id = idOf(token);
        if (id == null) {
            return null;
        }
        try {
            byte[] rest = Base64.getUrlDecoder().decode(token.substring(ID_END + 1));
            return new TokenText(
                    id, Arrays.copyOf(rest, SECRET_BYTES), Arrays.copyOfRange(rest, SECRET_BYTES, rest.length));
        } catch (IllegalArgumentException notBase64) {
            return null; // no token; the caller is told just that
        }
    }

    /** The id of a token that looks like one; null when it does not. */
    static @Nullable String idOf(String token) {
        if (token.length() != LENGTH || !token.startsWith(PREFIX) || token.charAt(ID_END) != '_') {
            return null;
        }
        String id = token.substring(PREFIX.length(), ID_END);
        return isId(id) ? id : null;
    }

    static boolean isId(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return text.length() == ID_LENGTH;
    }

    static String id(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** The token as its holder sends it. */
    String text() {
        byte[] rest = Arrays.copyOf(secret, SECRET_BYTES + SEAL_BYTES);
        System.arraycopy(seal, 0, rest, SECRET_BYTES, SEAL_BYTES);
        return PREFIX + id + "_" + Base64.getUrlEncoder().withoutPadding().encodeToString(rest);
    }

    /** The secret as slow hashes take it. */
    String secretText() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    }

    /** What the seal is made of. */
    byte[] sealed() {
        byte[] head = (PREFIX + id).getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(head, head.length + SECRET_BYTES);
        System.arraycopy(secret, 0, all, head.length, SECRET_BYTES);
        return all;
    }

    /** Never shows the secret. */
    @Override
    public String toString() {
        return "token " + id;
    }
}
