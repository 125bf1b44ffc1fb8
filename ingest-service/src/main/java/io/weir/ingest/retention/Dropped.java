package io.weir.ingest.retention;

import io.weir.storage.catalog.DataFile;
import java.util.List;

/**
 * What a run took.
 *
 * @param files files that were dropped, all of whose rows were too old
 * @param rows rows in them
 * @param bytes their size
 * @param boundaryFiles files that are left with their younger rows
 * @param boundaryRows rows that were deleted from them
 */
record Dropped(long files, long rows, long bytes, long boundaryFiles, long boundaryRows) {

    static final Dropped NOTHING = new Dropped(0, 0, 0, 0, 0);

    static Dropped of(List<DataFile> files) {
        return new Dropped(
                files.size(),
                files.stream().mapToLong(DataFile::rows).sum(),
                files.stream().mapToLong(DataFile::sizeBytes).sum(),
                0,
                0);
    }

    static Dropped of(BoundaryRows rows) {
        return new Dropped(0, 0, 0, rows.files().size(), rows.rows());
    }

    Dropped plus(Dropped more) {
        return new Dropped(
                files + more.files,
                rows + more.rows,
                bytes + more.bytes,
                boundaryFiles + more.boundaryFiles,
                boundaryRows + more.boundaryRows);
    }

    boolean isNothing() {
        return files == 0 && boundaryFiles == 0;
    }
}
