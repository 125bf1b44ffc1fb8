package io.weir.query.plan;

/**
 * How the engine reads names of tables: letter case counts only beyond A to Z, and a name that no view has is tried as
 * the name of a file. So a name must be compared as the engine compares it, and one that could be a path must never
 * reach it.
 */
public final class EngineNames {

    private EngineNames() {}

    /** Whether the engine takes both for one name. */
    public static boolean same(String a, String b) {
        if (a.length() != b.length()) {
            return false;
        }
        for (int i = 0; i < a.length(); i++) {
            if (lower(a.charAt(i)) != lower(b.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** {@code name} with A to Z in lower case: equal for names the engine takes for one. */
    public static String key(String name) {
        StringBuilder key = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            key.append(lower(name.charAt(i)));
        }
        return key.toString();
    }

    /** Whether the name is made of letters, digits, spaces, {@code _}, {@code -} and {@code $} only: no path, no pattern. */
    static boolean isPlain(String name) {
        return name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == ' ' || c == '$');
    }

    private static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
    }
}
