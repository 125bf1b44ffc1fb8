package io.weir.common.auth;

import io.weir.common.model.Wildcards;

/**
 * Names of databases: one name, or several by {@code *}, which stands for any characters, also none. Case counts, as it
 * does in names.
 *
 * @param text the pattern
 */
public record DatabasePattern(String text) {

    /** Longest pattern. */
    public static final int MAX_LENGTH = 128;

    /** Every database. */
    public static final DatabasePattern ALL = new DatabasePattern("*");

    /** Checks that it could match a name. */
    public DatabasePattern {
        boolean valid = !text.isEmpty() && text.length() <= MAX_LENGTH;
        for (int i = 0; valid && i < text.length(); i++) {
            char c = text.charAt(i);
            valid = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '_'
                    || c == '-'
                    || c == '*';
        }
        if (!valid) {
            throw new IllegalArgumentException("database pattern \"" + text + "\" is not valid (expected: up to "
                    + MAX_LENGTH + " letters, digits, '_', '-' and '*')");
        }
    }

    /** Whether that name is one of them; time grows with the product of both lengths at worst. */
    public boolean matches(String name) {
        return Wildcards.matches(text, name);
    }
}
