package io.weir.common.auth;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.Names;
import java.util.List;
import java.util.Map;

/**
 * An authenticated caller and what it may do.
 *
 * @param organisation the one organisation the caller belongs to
 * @param name what to call it in logs; never a secret
 * @param tokenId id of the token it showed; empty when tokens are not asked for
 * @param grants what it may do with which databases of its organisation
 * @param operator whether it also looks after the server: organisations, and tokens of all of them
 */
public record Principal(String organisation, String name, String tokenId, List<Grant> grants, boolean operator) {

    public Principal {
        grants = List.copyOf(grants);
    }

    /** A caller without a token who may do everything in that organisation, and look after the server. */
    public static Principal unrestricted(String organisation, String name) {
        return new Principal(organisation, name, "", List.of(Grant.ALL), true);
    }

    /** Whether it may do that with a database of that name in its organisation. */
    public boolean may(Permission permission, String database) {
        for (int i = 0; i < grants.size(); i++) { // asked for each request: no iterator
            if (grants.get(i).allows(permission, database)) {
                return true;
            }
        }
        return false;
    }

    /** Whether there could be a database with which it may do that. */
    public boolean mayAnywhere(Permission permission) {
        for (int i = 0; i < grants.size(); i++) {
            if (grants.get(i).allows(permission)) {
                return true;
            }
        }
        return false;
    }

    /** Whether it looks after its whole organisation. */
    public boolean administers() {
        return operator || may(Permission.ADMIN, "*");
    }

    /**
     * The database of that name in its organisation, with which it may do that.
     *
     * @throws WeirException {@code forbidden} when it may not
     */
    public DatabaseId database(Permission permission, String database) {
        if (!may(permission, database)) {
            throw new WeirException(
                    CommonError.FORBIDDEN,
                    "this token may not " + permission.word() + " database " + Names.printable(database)
                            + " (expected: a token with permission " + permission.word() + " for it)",
                    Map.of("permission", permission.word(), "database", Names.printable(database)));
        }
        return new DatabaseId(organisation, database);
    }

    /** Fails with {@code forbidden} unless there could be a database with which it may do that. */
    public void require(Permission permission) {
        if (!mayAnywhere(permission)) {
            throw new WeirException(
                    CommonError.FORBIDDEN,
                    "this token has no permission to " + permission.word() + " (expected: one with permission "
                            + permission.word() + ")",
                    Map.of("permission", permission.word()));
        }
    }

    /** Fails with {@code forbidden} unless it looks after its whole organisation. */
    public void requireAdministers() {
        if (!administers()) {
            throw new WeirException(
                    CommonError.FORBIDDEN,
                    "this token does not look after its organisation (expected: permission admin for databases *)",
                    Map.of("permission", Permission.ADMIN.word()));
        }
    }

    /** Fails with {@code forbidden} unless it looks after the server. */
    public void requireOperator() {
        if (!operator) {
            throw new WeirException(
                    CommonError.FORBIDDEN,
                    "this token does not look after the server (expected: the token of an operator)",
                    Map.of("permission", "operator"));
        }
    }

    /** Never shows more than who it is. */
    @Override
    public String toString() {
        return tokenId.isEmpty() ? name : name + " (token " + tokenId + ")";
    }
}
