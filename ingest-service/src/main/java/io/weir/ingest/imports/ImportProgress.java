package io.weir.ingest.imports;

import io.weir.ingest.wal.WriteKey;
import java.time.Duration;

/**
 * How far an import is: where the next piece starts, and what the pieces before it came to. It is logged with the rows of
 * each piece, as a {@link WriteKey}, so that after a crash it says exactly what is stored.
 *
 * @param offset position in the file behind the last piece done
 * @param line number of the line there
 * @param rowsStored rows stored so far
 * @param rowsRejected bad rows so far
 */
record ImportProgress(long offset, int line, long rowsStored, long rowsRejected) {

    static final ImportProgress START = new ImportProgress(0, 1, 0, 0);

    /** Begins with a character that no client may send. */
    private static final String PREFIX = "\u0001import/";

    /** Longer than a server that is to resume an import is ever down. */
    private static final Duration LIFE = Duration.ofDays(30);

    /** Where the progress of that import is found. */
    static String keyText(String id) {
        return PREFIX + id;
    }

    /** Rows that are done, stored or not. */
    long rows() {
        return rowsStored + rowsRejected;
    }

    /** This progress as it is logged with the piece that starts behind that many rows. */
    WriteKey key(String id, long from, long nowMillis) {
        String text = line + " " + rowsStored + " " + rowsRejected;
        return new WriteKey(keyText(id), nowMillis, nowMillis + LIFE.toMillis(), offset, from, text);
    }

    /** The progress that was logged so. */
    static ImportProgress of(WriteKey key) {
        String[] numbers = key.outcome().split(" ", -1);
        return new ImportProgress(
                key.bodyBytes(), Integer.parseInt(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
    }
}
