package io.weir.storage.catalog;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteContentsTest extends ContentsContract {

    @TempDir
    Path directory;

    @Override
    CatalogConnections open(String name) {
        return CatalogConnections.sqlite(directory.resolve(name + ".db"), 4);
    }
}
