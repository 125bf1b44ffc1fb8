package io.weir.ingest.retention;

import io.weir.storage.catalog.DataFile;
import java.util.List;

/**
 * What was dropped.
 *
 * @param files files
 * @param rows rows in them
 * @param bytes their size
 */
record Dropped(long files, long rows, long bytes) {

    static final Dropped NOTHING = new Dropped(0, 0, 0);

    static Dropped of(List<DataFile> files) {
        return new Dropped(
                files.size(),
                files.stream().mapToLong(DataFile::rows).sum(),
                files.stream().mapToLong(DataFile::sizeBytes).sum());
    }

    Dropped plus(Dropped more) {
        return new Dropped(files + more.files, rows + more.rows, bytes + more.bytes);
    }
}
