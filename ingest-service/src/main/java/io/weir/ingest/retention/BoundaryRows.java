package io.weir.ingest.retention;

import io.weir.common.model.TableId;
import io.weir.storage.catalog.DataFile;
import java.util.List;

/**
 * Rows of a measurement that are too old and in files that hold younger ones too.
 *
 * @param table measurement
 * @param files those of the files that have such rows, deleted ones not counted
 */
record BoundaryRows(TableId table, List<OfFile> files) {

    /**
     * Such rows of one file.
     *
     * @param file the file
     * @param rows how many they are
     */
    record OfFile(DataFile file, long rows) {}

    BoundaryRows {
        files = List.copyOf(files);
    }

    long rows() {
        return files.stream().mapToLong(OfFile::rows).sum();
    }

    List<String> keys() {
        return files.stream().map(of -> of.file().objectKey()).toList();
    }

    /** The earliest time of its files. */
    long minMicros() {
        return files.stream().mapToLong(of -> of.file().minMicros()).min().orElse(Long.MIN_VALUE);
    }
}
