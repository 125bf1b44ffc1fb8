package io.weir.common.auth;

import java.util.EnumSet;
import java.util.Set;

/**
 * What is allowed with some databases.
 *
 * @param databases which
 * @param permissions what, at least one
 */
public record Grant(DatabasePattern databases, Set<Permission> permissions) {

    /** Everything, everywhere in the organisation. */
    public static final Grant ALL = new Grant(DatabasePattern.ALL, EnumSet.of(Permission.ADMIN));

    /** Checks that something is allowed. */
    public Grant {
        if (permissions.isEmpty()) {
            throw new IllegalArgumentException("a grant for databases " + databases.text()
                    + " allows nothing (expected: some of read, write, delete, admin)");
        }
        permissions = Set.copyOf(permissions);
    }

    boolean allows(Permission permission) {
        return permissions.contains(permission) || permissions.contains(Permission.ADMIN);
    }

    boolean allows(Permission permission, String database) {
        return allows(permission) && databases.matches(database);
    }
}
