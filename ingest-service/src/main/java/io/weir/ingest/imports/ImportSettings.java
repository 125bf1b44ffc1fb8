package io.weir.ingest.imports;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How files are imported; {@code weir.import.*}.
 *
 * @param directory where files and the state of jobs are kept; default {@code imports} beside the write-ahead log
 * @param maxFile most bytes of a file after decompression; default 10 GB
 * @param minFreeDisk free space that a file being taken in leaves on its disk; default 1 GB
 * @param chunk bytes of a file that are decoded and stored at once, and so the longest row; default 2 MB
 * @param rowGroup most bytes of a row group of a Parquet file, uncompressed; each running import holds one. Default 256 MB
 * @param concurrent imports that run at once; default 1
 * @param queue imports that wait or arrive besides; beyond it 503. Default 16
 * @param maxErrors bad rows of a file that are described; all are counted. Default 100
 * @param keep how long finished jobs are listed; default 24 h
 * @param keptJobs finished jobs that are listed at most; default 1000
 */
@ConfigurationProperties("weir.import")
public record ImportSettings(
        @Nullable Path directory,
        @DefaultValue("10GB") DataSize maxFile,
        @DefaultValue("1GB") DataSize minFreeDisk,
        @DefaultValue("2MB") DataSize chunk,
        @DefaultValue("256MB") DataSize rowGroup,
        @DefaultValue("1") int concurrent,
        @DefaultValue("16") int queue,
        @DefaultValue("100") int maxErrors,
        @DefaultValue("24h") Duration keep,
        @DefaultValue("1000") int keptJobs) {

    private static final long LEAST_CHUNK = 1024;
    private static final long MOST_CHUNK = 64L << 20;
    private static final long MOST_ROW_GROUP = 2047L << 20;

    /** Checks that every value is within its bounds. */
    public ImportSettings {
        require(maxFile.toBytes() > 0, "max-file", maxFile, "more than 0");
        require(minFreeDisk.toBytes() >= 0, "min-free-disk", minFreeDisk, "0 or more");
        require(chunk.toBytes() >= LEAST_CHUNK && chunk.toBytes() <= MOST_CHUNK, "chunk", chunk, "1 KB to 64 MB");
        require(
                rowGroup.toBytes() > 0 && rowGroup.toBytes() <= MOST_ROW_GROUP,
                "row-group",
                rowGroup,
                "1 B to 2047 MB");
        require(concurrent > 0, "concurrent", concurrent, "1 or more");
        require(queue > 0, "queue", queue, "1 or more");
        require(maxErrors > 0 && maxErrors <= 10_000, "max-errors", maxErrors, "1 to 10000");
        require(!keep.isNegative(), "keep", keep, "0 or more");
        require(keptJobs > 0, "kept-jobs", keptJobs, "1 or more");
    }

    private static void require(boolean condition, String key, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException("weir.import." + key + " is " + value + " (expected: " + expected + ")");
        }
    }
}
