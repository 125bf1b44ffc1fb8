package io.weir.access;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells tokens that this catalog's servers made from made-up ones, by HMAC-SHA256 with the catalog's key. Who knows the key
 * can make seals but no token, since the catalog knows only hashes of secrets. Thread-safe.
 */
final class TokenSeal {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 32;

    private final SecretKeySpec key;

    /** Reads what the runtime needs for it from disk, so that no request has to. */
    TokenSeal(String keyText) {
        this.key = new SecretKeySpec(Base64.getUrlDecoder().decode(keyText), ALGORITHM);
        seal(new TokenText("", new byte[TokenText.SECRET_BYTES], new byte[TokenText.SEAL_BYTES]));
    }

    /** A new key as text. Reads a device. */
    static String newKey(SecureRandom random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(key);
    }

    /** A new token with that id. Reads a device. */
    TokenText newToken(String id, SecureRandom random) {
        byte[] secret = new byte[TokenText.SECRET_BYTES];
        random.nextBytes(secret);
        TokenText open = new TokenText(id, secret, new byte[TokenText.SEAL_BYTES]);
        return new TokenText(id, secret, seal(open));
    }

    boolean holds(TokenText token) {
        return MessageDigest.isEqual(seal(token), token.seal());
    }

    private byte[] seal(TokenText token) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return Arrays.copyOf(mac.doFinal(token.sealed()), TokenText.SEAL_BYTES);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
        }
    }
}
