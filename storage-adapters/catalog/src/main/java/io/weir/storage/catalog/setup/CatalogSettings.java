package io.weir.storage.catalog.setup;

import static io.r2dbc.spi.ConnectionFactoryOptions.DATABASE;
import static io.r2dbc.spi.ConnectionFactoryOptions.DRIVER;
import static io.r2dbc.spi.ConnectionFactoryOptions.HOST;
import static io.r2dbc.spi.ConnectionFactoryOptions.PASSWORD;
import static io.r2dbc.spi.ConnectionFactoryOptions.PORT;
import static io.r2dbc.spi.ConnectionFactoryOptions.USER;

import io.r2dbc.spi.ConnectionFactoryOptions;
import io.weir.storage.catalog.CatalogConnections;
import io.weir.storage.catalog.PoolLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the catalog is kept, and its pool of connections, {@code weir.catalog.*}.
 *
 * @param url of a PostgreSQL database, {@code r2dbc:postgresql://HOST:PORT/DATABASE}, with whatever the driver takes behind
 *     {@code ?}, such as {@code schema} and {@code sslMode}; default none: SQLite in the data directory
 * @param username goes before one in the URL; default none
 * @param password goes before one in the URL; default none
 * @param connections most connections at once; default 0: 4 to SQLite, 16 to PostgreSQL
 * @param pending operations that may wait for one, default 1,000; more fail at once
 * @param timeout longest time of an operation, repetitions included, default 20 s
 * @param connectTimeout longest time to make a connection, default 5 s
 * @param acquireTimeout longest wait for one, default 10 s
 * @param statementTimeout longest time of a statement, or of the end of a transaction, default 15 s
 * @param idleTime after which an unused connection is closed, default 10 minutes
 * @param lifeTime after which one is not used again, default 30 minutes
 * @param startTimeout how long a starting server waits for a catalog that does not answer, default 1 minute
 */
@ConfigurationProperties("weir.catalog")
public record CatalogSettings(
        @DefaultValue("") String url,
        @DefaultValue("") String username,
        @DefaultValue("") String password,
        @DefaultValue("0") int connections,
        @DefaultValue("1000") int pending,
        @DefaultValue("20s") Duration timeout,
        @DefaultValue("5s") Duration connectTimeout,
        @DefaultValue("10s") Duration acquireTimeout,
        @DefaultValue("15s") Duration statementTimeout,
        @DefaultValue("10m") Duration idleTime,
        @DefaultValue("30m") Duration lifeTime,
        @DefaultValue("1m") Duration startTimeout) {

    private static final Set<String> POSTGRESQL = Set.of("postgresql", "postgres");
    private static final int SQLITE_CONNECTIONS = 4;
    private static final int POSTGRESQL_CONNECTIONS = 16;
    private static final String EXPECTED = "r2dbc:postgresql://HOST:PORT/DATABASE, or nothing for SQLite";

    public CatalogSettings {
        require(connections >= 0, "connections", connections, "0 or more");
        require(pending >= 0, "pending", pending, "0 or more");
        positive("timeout", timeout);
        positive("connect-timeout", connectTimeout);
        positive("acquire-timeout", acquireTimeout);
        positive("statement-timeout", statementTimeout);
        positive("idle-time", idleTime);
        positive("life-time", lifeTime);
        require(!startTimeout.isNegative(), "start-timeout", startTimeout, "0 or more");
        if (!url.isBlank()) {
            options(url);
        }
    }

    /** Opens the pool; nothing is connected to before it is needed. The caller closes it. */
    public CatalogConnections open(Path sqliteFile) {
        if (url.isBlank()) {
            return CatalogConnections.sqlite(sqliteFile, limits(SQLITE_CONNECTIONS));
        }
        ConnectionFactoryOptions.Builder options = options(url).mutate();
        if (!username.isBlank()) {
            options.option(USER, username);
        }
        if (!password.isEmpty()) {
            options.option(PASSWORD, password);
        }
        return CatalogConnections.postgres(options.build(), limits(POSTGRESQL_CONNECTIONS));
    }

    PoolLimits limits(int defaultConnections) {
        return new PoolLimits(
                connections == 0 ? defaultConnections : connections,
                pending,
                connectTimeout,
                acquireTimeout,
                statementTimeout,
                idleTime,
                lifeTime);
    }

    /** Where the catalog is kept, for people, without credentials. */
    public String place() {
        if (url.isBlank()) {
            return "SQLite in the data directory";
        }
        ConnectionFactoryOptions options = options(url);
        Object port = options.hasOption(PORT) ? ":" + options.getValue(PORT) : "";
        return "PostgreSQL at " + options.getValue(HOST) + port + "/" + options.getValue(DATABASE);
    }

    private static ConnectionFactoryOptions options(String url) {
        ConnectionFactoryOptions options;
        try {
            options = ConnectionFactoryOptions.parse(url);
        } catch (IllegalArgumentException e) {
            // The parser's message may have the password in it.
            throw new IllegalArgumentException("weir.catalog.url is not a URL (expected: " + EXPECTED + ")");
        }
        Object driver = options.getValue(DRIVER);
        require(driver != null && POSTGRESQL.contains(driver.toString()), "url", "one of " + driver, EXPECTED);
        require(options.hasOption(HOST), "url", "one without a host", EXPECTED);
        require(options.hasOption(DATABASE), "url", "one without a database", EXPECTED);
        return options;
    }

    private static void positive(String key, Duration value) {
        require(!value.isNegative() && !value.isZero(), key, value, "more than 0");
    }

    private static void require(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(
                    "weir.catalog." + key + " is " + value + " (expected: " + expected + ")");
        }
    }

    /** Never shows credentials. */
    @Override
    public String toString() {
        return "CatalogSettings[" + place() + "]";
    }
}
