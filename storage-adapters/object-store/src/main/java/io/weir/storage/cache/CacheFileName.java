package io.weir.storage.cache;

import io.weir.storage.object.Checksum;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of files in the cache: which object it is, the checksum of its content, and something that makes it unique, so that a
 * file which is on its way out never shares its name with one that comes in.
 *
 * <pre>
 *   [SHA-256 of the key, 64 hex digits]-[CRC-32C of the content, 8]-[random, 8].parquet
 * </pre>
 *
 * @param id of the object
 * @param checksum of the content
 * @param text the name
 */
record CacheFileName(String id, Checksum checksum, String text) {

    private static final Pattern PATTERN = Pattern.compile("([0-9a-f]{64})-([0-9a-f]{8})-[0-9a-f]{8}\\.parquet");

    /** What that object is called here. */
    static String idOf(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static CacheFileName fresh(String id, Checksum checksum) {
        String unique = UUID.randomUUID().toString().substring(0, 8);
        return new CacheFileName(id, checksum, id + "-" + checksum.text() + "-" + unique + ".parquet");
    }

    /** The name of a file that was found; empty when the cache has not given it. */
    static Optional<CacheFileName> parse(String text) {
        Matcher matcher = PATTERN.matcher(text);
        return matcher.matches()
                ? Optional.of(new CacheFileName(matcher.group(1), Checksum.parse(matcher.group(2)), text))
                : Optional.empty();
    }
}
