package io.weir.common.model;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The rules that database and measurement names obey, checked wherever a name enters Weir. */
public final class Names {

    /** The organisation of a standalone server without tenants. */
    public static final String DEFAULT_ORGANISATION = "default";

    /** The database of a request that names none. */
    public static final String DEFAULT_DATABASE = "default";

    /** Longest measurement, tag or field name in bytes of UTF-8. */
    public static final int MAX_NAME_BYTES = 128;

    private static final int MAX_DATABASE_LENGTH = 64;

    private Names() {}

    /**
     * Returns {@code name} when it is a valid database name: a letter, then up to 63 letters, digits, {@code _} or
     * {@code -}, and not reserved.
     *
     * @throws WeirException {@code invalid-name} naming what is wrong
     */
    public static String requireDatabase(String name) {
        boolean valid = !name.isEmpty() && name.length() <= MAX_DATABASE_LENGTH && isLetter(name.charAt(0));
        for (int i = 1; valid && i < name.length(); i++) {
            char c = name.charAt(i);
            valid = isLetter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
        }
        if (!valid) {
            throw invalid(
                    "database name \"" + printable(name)
                            + "\" is not valid (expected: a letter, then up to 63 letters, digits, '_' or '-')",
                    name);
        }
        if (isReserved(name)) {
            throw invalid("database name \"" + name + "\" is reserved", name);
        }
        return name;
    }

    /** Says why {@code name} cannot be a measurement, or null when it can. */
    public static @org.jspecify.annotations.Nullable String measurementFault(String name) {
        if (name.isEmpty()) {
            return "measurement name is empty";
        }
        if (name.startsWith("_") || isReserved(name)) {
            return "measurement name \"" + printable(name)
                    + "\" is reserved (names starting with '_', system, internal)";
        }
        return nameFault("measurement", name);
    }

    /** Says why {@code name} cannot name a tag or field, or null when it can; {@code kind} is the noun in the answer. */
    public static @org.jspecify.annotations.Nullable String nameFault(String kind, String name) {
        if (name.length() > MAX_NAME_BYTES || name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            return kind + " name \"" + printable(name.substring(0, Math.min(32, name.length()))) + "…\" is longer than "
                    + MAX_NAME_BYTES + " bytes";
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                return kind + " name \"" + printable(name) + "\" holds a control character at position " + (i + 1);
            }
        }
        return null;
    }

    private static boolean isReserved(String name) {
        return name.equals("system") || name.equals("internal");
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    /** A copy of {@code text} fit for a message: control characters escaped, at most 96 characters. */
    public static String printable(String text) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length() && i < 96; i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return text.length() > 96 ? out.append('…').toString() : out.toString();
    }

    private static WeirException invalid(String detail, String name) {
        return new WeirException(CommonError.INVALID_NAME, detail, Map.of("name", printable(name)));
    }
}
