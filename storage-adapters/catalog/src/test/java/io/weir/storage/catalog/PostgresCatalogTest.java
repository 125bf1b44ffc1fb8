package io.weir.storage.catalog;

import io.r2dbc.spi.ConnectionFactoryOptions;
import io.weir.testing.PostgresPeer;
import java.util.UUID;

/** The catalog in PostgreSQL, each test in a schema of its own. REQUIREMENTS S5. */
class PostgresCatalogTest extends CatalogContract {

    private final String schema = newSchema();

    @Override
    CatalogConnections open(String name) {
        return open(PostgresPeer.find(), schema + name, PoolLimits.of(8));
    }

    /** Fewer, for the leak detector looks at each value that goes over the wire. */
    @Override
    int many() {
        return 4_000;
    }

    static String newSchema() {
        return "test_" + UUID.randomUUID().toString().replace("-", "");
    }

    static CatalogConnections open(PostgresPeer peer, String schema, PoolLimits limits) {
        ConnectionFactoryOptions options = ConnectionFactoryOptions.parse(peer.url(schema))
                .mutate()
                .option(ConnectionFactoryOptions.USER, peer.user())
                .option(ConnectionFactoryOptions.PASSWORD, peer.password())
                .build();
        return CatalogConnections.postgres(options, limits);
    }
}
