package io.weir.common.model;

/** Names that stand for several: {@code *} stands for any characters, also none. Case counts, as it does in names. */
public final class Wildcards {

    private Wildcards() {}

    /** Whether that text can stand for more than one name. */
    public static boolean isPattern(String text) {
        return text.indexOf('*') >= 0;
    }

    /** Whether that name is one of those the pattern stands for; time grows with the product of both lengths at worst. */
    public static boolean matches(String pattern, String name) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resume = 0;
        while (in < name.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resume = in;
            } else if (at < pattern.length() && pattern.charAt(at) == name.charAt(in)) {
                at++;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
