package io.weir.common.auth;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a token may do with a database. {@link #ADMIN} includes the others. */
public enum Permission {
    /** Query it, and see what it holds. */
    READ,
    /** Send rows, and make the database. */
    WRITE,
    /** Delete rows or drop the database. */
    DELETE,
    /** Look after it, and after its organisation's tokens. */
    ADMIN;

    /** How it is written in requests, answers and the catalog. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The permission written so; null when there is none. */
    public static @Nullable Permission of(String word) {
        for (Permission permission : values()) {
            if (permission.word().equals(word)) {
                return permission;
            }
        }
        return null;
    }
}
