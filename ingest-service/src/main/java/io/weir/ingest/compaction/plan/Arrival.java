package io.weir.ingest.compaction.plan;

import io.weir.storage.catalog.DataFile;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order in which files' rows arrived, by their names: a flush's id begins with the time it was begun at, and the name of a
 * merged file with that of its newest input.
 *
 * <pre>
 *   018e0f3a4c5d9f1c2b3a4d5e6f70-0.parquet                                      of a flush
 *   018e0f3a4c5d9f1c2b3a4d5e6f70c8c1f0e4b7a2d4c3f9e8d7c6b5a493827-0.parquet     merged; the newest input is of that flush
 * </pre>
 */
public final class Arrival {

    /** Files in order of arrival, first the oldest. */
    public static final Comparator<DataFile> ORDER =
            Comparator.comparing((DataFile file) -> flushId(file.objectKey())).thenComparing(DataFile::objectKey);

    private static final Pattern NAME = Pattern.compile("([^/]*?)(c[0-9a-f]{32})?(-\\d+)?(\\.parquet)?");

    private Arrival() {}

    private static Matcher name(String objectKey) {
        Matcher name = NAME.matcher(objectKey.substring(objectKey.lastIndexOf('/') + 1));
        if (!name.matches()) {
            throw new IllegalArgumentException(
                    "object key " + objectKey + " has no name (expected: that of a data file)");
        }
        return name;
    }

    /** Id of the flush that a file, or its newest input, is of. */
    public static String flushId(String objectKey) {
        return name(objectKey).group(1);
    }

    /** Whether the file is a merged one. */
    static boolean isMerged(DataFile file) {
        return name(file.objectKey()).group(2) != null;
    }

    /**
     * The id in the name of a merged file.
     *
     * @param newest the input that arrived last
     * @param mergeId 32 hexadecimal digits, unique
     */
    public static String mergedId(DataFile newest, String mergeId) {
        return flushId(newest.objectKey()) + "c" + mergeId;
    }
}
