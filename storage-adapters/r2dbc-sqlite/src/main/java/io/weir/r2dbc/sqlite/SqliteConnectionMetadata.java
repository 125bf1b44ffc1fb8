package io.weir.r2dbc.sqlite;

import io.r2dbc.spi.ConnectionMetadata;

/** SQLite and its version, such as 3.54.1. */
record SqliteConnectionMetadata(String version) implements ConnectionMetadata {
    @Override
    public String getDatabaseProductName() {
        return SqliteConnectionFactory.PRODUCT_NAME;
    }

    @Override
    public String getDatabaseVersion() {
        return version;
    }
}
