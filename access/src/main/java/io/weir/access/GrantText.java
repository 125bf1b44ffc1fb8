package io.weir.access;

import io.weir.common.auth.DatabasePattern;
import io.weir.common.auth.Grant;
import io.weir.common.auth.Permission;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Grants as one text, as the catalog and the command line have them: {@code read,write:fleet_*;admin:lab}. Databases are
 * {@code *} where none are named.
 */
final class GrantText {

    /** Most grants of a token. */
    static final int MOST_GRANTS = 32;

    private static final String EXPECTED =
            " (expected: such as read,write:fleet_* with some of read, write, delete, admin)";

    private GrantText() {}

    static String of(List<Grant> grants) {
        return grants.stream()
                .map(grant -> grant.permissions().stream()
                                .sorted()
                                .map(Permission::word)
                                .collect(Collectors.joining(","))
                        + ":" + grant.databases().text())
                .collect(Collectors.joining(";"));
    }

    /** Reads what {@link #of} wrote; fails with {@code IllegalArgumentException} when it is nothing of the kind. */
    static List<Grant> parse(String text) {
        List<Grant> grants = new ArrayList<>();
        for (String part : text.split(";", -1)) {
            int colon = part.indexOf(':');
            DatabasePattern databases = colon < 0
                    ? DatabasePattern.ALL
                    : new DatabasePattern(part.substring(colon + 1).strip());
            String words = colon < 0 ? part : part.substring(0, colon);
            grants.add(new Grant(databases, permissions(Arrays.asList(words.split(",", -1)))));
        }
        if (grants.size() > MOST_GRANTS) {
            throw new IllegalArgumentException(
                    "a token has " + grants.size() + " grants (expected: at most " + MOST_GRANTS + ")");
        }
        return grants;
    }

    static Set<Permission> permissions(List<String> words) {
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        for (String word : words) {
            Permission permission = Permission.of(word.strip());
            if (permission == null) {
                throw new IllegalArgumentException("permission \"" + word.strip() + "\" is not known" + EXPECTED);
            }
            permissions.add(permission);
        }
        return permissions;
    }
}
