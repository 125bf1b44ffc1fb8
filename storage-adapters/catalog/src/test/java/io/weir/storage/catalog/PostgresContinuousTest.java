package io.weir.storage.catalog;

import io.weir.testing.PostgresPeer;

class PostgresContinuousTest extends ContinuousContract {

    private final String schema = PostgresCatalogTest.newSchema();

    @Override
    CatalogConnections open(String name) {
        return PostgresCatalogTest.open(PostgresPeer.find(), schema + name, PoolLimits.of(8));
    }
}
