package io.weir.standalone.server;

import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.query.snapshot.FileRef;
import io.weir.query.snapshot.TableCatalog;
import io.weir.query.snapshot.TableSnapshot;
import io.weir.storage.catalog.Catalog;
import io.weir.storage.catalog.DataFile;
import io.weir.storage.catalog.TableSchema;
import io.weir.storage.object.ObjectStore;
import java.util.Collection;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What queries need of the catalog, with each object as a local file. */
final class CatalogTables implements TableCatalog {

    private static final int FILES_AT_ONCE = 16;

    private final Catalog catalog;
    private final ObjectStore store;

    CatalogTables(Catalog catalog, ObjectStore store) {
        this.catalog = catalog;
        this.store = store;
    }

    @Override
    public Flux<String> databases(String organisation) {
        return catalog.databases(organisation);
    }

    @Override
    public Flux<String> measurements(DatabaseId database) {
        return catalog.schemas(database).map(TableSchema::measurement);
    }

    @Override
    public Mono<TableSnapshot> snapshot(TableId table, Collection<String> hotFlushIds) {
        return catalog.snapshot(table, hotFlushIds)
                .flatMap(snapshot -> files(snapshot.files())
                        .map(files -> new TableSnapshot(snapshot.schema(), files, snapshot.committedFlushIds())));
    }

    private Mono<List<FileRef>> files(List<DataFile> files) {
        return Flux.fromIterable(files)
                .flatMapSequential(
                        file -> store.localFile(file.objectKey())
                                .map(path ->
                                        new FileRef(path.toString(), file.rows(), file.minMicros(), file.maxMicros())),
                        FILES_AT_ONCE)
                .collectList();
    }
}
