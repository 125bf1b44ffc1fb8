package io.weir.standalone.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What Parquet files below a directory amount to.
 *
 * @param files how many there are
 * @param bytes their sizes added up
 */
public record DiskUsage(long files, long bytes) {

    /** Looks through {@code directory}; a file that vanishes meanwhile counts no bytes. */
    public static DiskUsage ofParquetBelow(Path directory) {
        List<Path> found;
        try (Stream<Path> paths = Files.walk(directory)) {
            found = paths.filter(path -> path.toString().endsWith(".parquet")).toList();
        } catch (IOException | UncheckedIOException e) {
            return new DiskUsage(0, 0);
        }
        return new DiskUsage(
                found.size(), found.stream().mapToLong(DiskUsage::size).sum());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            return 0; // compacted away between the two looks
        }
    }
}
