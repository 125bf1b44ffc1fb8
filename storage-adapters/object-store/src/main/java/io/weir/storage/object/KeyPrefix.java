package io.weir.storage.object;

/**
 * An operator's prefix of every key in a bucket: added on the way to the store and taken off on the way back, so that
 * nobody else ever sees it.
 *
 * @param text empty, or ending in a slash
 */
public record KeyPrefix(String text) {

    private static final int LONGEST = 512;

    public KeyPrefix {
        boolean well = text.isEmpty()
                || (text.endsWith("/")
                        && text.length() <= LONGEST
                        && text.matches("([A-Za-z0-9_=.-]*[A-Za-z0-9_=-][A-Za-z0-9_=.-]*/)+"));
        if (!well) {
            throw new IllegalArgumentException("key prefix \"" + text
                    + "\" (expected: segments of letters, digits, '_', '-', '=', '.' with slashes between, at most "
                    + LONGEST
                    + " characters)");
        }
    }

    /** The prefix an operator writes: with or without a slash at its end. */
    public static KeyPrefix of(String written) {
        return new KeyPrefix(written.isEmpty() || written.endsWith("/") ? written : written + "/");
    }

    /** The store's key of that object; of no object, nothing. */
    public String add(String key) {
        return text + key;
    }

    /** The object of that key of the store, which has the prefix. */
    public String remove(String storeKey) {
        if (!storeKey.startsWith(text)) {
            throw new IllegalArgumentException("key " + storeKey + " lacks the prefix " + text);
        }
        return storeKey.substring(text.length());
    }
}
