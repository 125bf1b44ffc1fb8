package io.weir.storage.parquet.reading;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.model.Names;
import org.jspecify.annotations.Nullable;

/** The row that is being read: what its columns have said so far, and the first thing wrong with it. */
final class OpenRow {

    private static final long MICROS = 1_000;

    private final ParquetRowsOptions options;
    private BatchBuilder batch = new BatchBuilder("");
    private long maxTextBytes;
    private long number;
    private long textBytes;
    private int fields;
    private boolean hasTime;
    private long nanos;
    private long extraNanos;
    private @Nullable String fault;

    OpenRow(ParquetRowsOptions options) {
        this.options = options;
    }

    /** Rows go to that batch from now on; each has at most that much text. */
    void begin(BatchBuilder into, long maxText) {
        batch = into;
        maxTextBytes = maxText;
    }

    /** Starts the row with that number in the file, from 1. */
    void open(long row) {
        number = row;
        textBytes = 0;
        fields = 0;
        hasTime = false;
        extraNanos = 0;
        fault = null;
    }

    BatchBuilder batch() {
        return batch;
    }

    TextCheck text() {
        return options.text();
    }

    void field() {
        fields++;
    }

    /** Counts the bytes of a text. @return whether there is room for it */
    boolean takeText(String column, int bytes) {
        textBytes += bytes;
        if (textBytes > maxTextBytes) {
            fault(
                    "text of the row up to column \"" + Names.printable(column) + "\" is " + textBytes + " bytes long",
                    "at most " + maxTextBytes);
            return false;
        }
        return true;
    }

    void time(long value, long nanosPerUnit) {
        hasTime = true;
        if (nanosPerUnit == ParquetTypes.UNKNOWN_UNIT) {
            if (!options.times().holds(value)) {
                outOfRange(value);
                return;
            }
            nanos = options.times().toNanos(value);
        } else if (value > Long.MAX_VALUE / nanosPerUnit - 1 || value < Long.MIN_VALUE / nanosPerUnit + 1) {
            outOfRange(value);
        } else {
            nanos = value * nanosPerUnit;
        }
    }

    private void outOfRange(long value) {
        fault("time " + value + " is out of range", "the years 1677 to 2262");
    }

    void extraNanos(long value) {
        if (value < 0 || value >= MICROS) {
            fault("time_nanos " + value + " is out of range", "0 to 999");
        }
        extraNanos = value;
    }

    /** Says that the row cannot be stored; the first fault counts. */
    void fault(String what, String expected) {
        if (fault == null) {
            fault = what + " at row " + number + " (expected: " + expected + ")";
        }
    }

    /** Ends the row. @return whether it is in the batch; otherwise it has been reported and undone */
    boolean close(RowFaults faults) {
        if (!hasTime) {
            fault("time is missing", "a value in column \"" + Names.printable(options.timeColumn()) + "\"");
        } else if (fields == 0) {
            fault("row without a field", "at least one value besides time and tags");
        }
        String wrong = fault;
        if (wrong != null) {
            batch.abortRow();
            faults.add(number, wrong);
            return false;
        }
        long time = nanos + extraNanos;
        batch.endRow(batch.series().intern(), Math.floorDiv(time, MICROS), (int) Math.floorMod(time, MICROS));
        return true;
    }
}
