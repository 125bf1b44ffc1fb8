package io.weir.standalone.server;

import io.weir.common.error.CommonError;
import io.weir.common.error.WeirException;
import io.weir.standalone.cli.ServeRole;
import org.springframework.core.env.PropertyResolver;

/** The settings without which a server of a role cannot work, looked at before anything is started. */
final class RoleSettings {

    private RoleSettings() {}

    /** @throws WeirException {@code configuration}, with a sentence that names the setting */
    static void require(ServeRole role, PropertyResolver settings) {
        if (role == ServeRole.STANDALONE) {
            return;
        }
        require(
                role,
                !settings.getProperty("weir.catalog.url", "").isBlank(),
                "weir.catalog.url",
                "the PostgreSQL that all replicas share, r2dbc:postgresql://HOST:PORT/DATABASE");
        require(
                role,
                !settings.getProperty("weir.storage.type", "local").equalsIgnoreCase("local"),
                "weir.storage.type",
                "s3, minio or gcs, which all replicas share");
        require(
                role,
                !settings.getProperty("weir.internal.token", "").isEmpty(),
                "weir.internal.token",
                "a secret of at least 16 characters that all replicas know");
        require(
                role,
                role != ServeRole.QUERY || hasReplicas(settings),
                "weir.query.ingest-replicas",
                "HOST:PORT of the internal port of every ingest replica, separated by commas");
    }

    private static boolean hasReplicas(PropertyResolver settings) {
        return !settings.getProperty("weir.query.ingest-replicas", "").isBlank()
                || settings.containsProperty("weir.query.ingest-replicas[0]");
    }

    private static void require(ServeRole role, boolean present, String key, String expected) {
        if (!present) {
            throw new WeirException(
                    CommonError.CONFIGURATION, "--role " + role + " needs " + key + " (expected: " + expected + ")");
        }
    }
}
