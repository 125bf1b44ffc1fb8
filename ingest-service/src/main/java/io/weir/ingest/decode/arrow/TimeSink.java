package io.weir.ingest.decode.arrow;

import io.weir.ingest.decode.DecodeOptions;
import io.weir.ingest.decode.Precision;
import java.util.Arrays;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The times of the rows, growing by record batches. Their unit is what the type of the column says; of plain integers it
 * is what the request says, else what the magnitude of all of them says. Zero says nothing of it, and needs no unit.
 */
final class TimeSink {

    private final LongConsumer memory;
    private final long receiveTimeNanos;
    private final Precision requested;
    private @Nullable Precision unit;
    private long[] micros = {};
    private short @Nullable [] nanos;

    TimeSink(@Nullable Precision ofType, DecodeOptions options, LongConsumer memory) {
        this.memory = memory;
        this.requested = ofType == null ? options.precision() : ofType;
        this.receiveTimeNanos = options.precision().truncate(options.receiveTimeNanos());
        this.unit = requested == Precision.AUTO ? null : requested;
    }

    /** Begins another batch. The unit stays. */
    void clear() {
        micros = new long[0];
        nanos = null;
    }

    /** Gives rows {@code [first, first + rows)} the time at which the request arrived. */
    void appendReceiveTime(int rows, int first) {
        reserve(first + rows);
        long whole = Math.floorDiv(receiveTimeNanos, 1_000L);
        Arrays.fill(micros, first, first + rows, whole);
        short rest = (short) (receiveTimeNanos - whole * 1_000);
        if (rest != 0) {
            Arrays.fill(nanos(), first, first + rows, rest);
        }
    }

    /** Appends the times of {@code source} as those of rows from {@code first} on; none may be null. */
    void append(ArrowArray source, int first) {
        int rows = source.rows();
        if (!source.isComplete()) {
            throw nullTime(source);
        }
        reserve(first + rows);
        LittleEndian.longs(source.bytes(), source.data(), micros, first, rows);
        if (requested == Precision.AUTO) {
            guess(first, rows);
        }
        Precision known = unit;
        if (known != null) {
            scale(known, first, rows);
        }
    }

    /** Microseconds by row, for {@code rows} rows. */
    long[] micros(int rows) {
        int kept = Capacity.kept(rows, micros.length);
        return kept == micros.length ? micros : Arrays.copyOf(micros, kept);
    }

    /** The nanoseconds beyond them, or null when all are 0. */
    short @Nullable [] nanos(int rows) {
        if (nanos == null) {
            return null;
        }
        int kept = Capacity.kept(rows, nanos.length);
        return kept == nanos.length ? nanos : Arrays.copyOf(nanos, kept);
    }

    private static ArrowFault nullTime(ArrowArray source) {
        int row = 0;
        while (source.isValid(row)) {
            row++;
        }
        return new ArrowFault(row, "time is null (expected: a time in every row, or no column of that name)");
    }

    private void guess(int first, int rows) {
        for (int row = 0; row < rows; row++) {
            long time = micros[first + row];
            if (time != 0 && Precision.of(time) != unit) {
                if (unit != null) {
                    throw new ArrowFault(
                            row,
                            "timestamps of different magnitudes, " + unit.noun() + " and "
                                    + Precision.of(time).noun()
                                    + " (expected: one unit, or the precision parameter)");
                }
                unit = Precision.of(time);
            }
        }
    }

    private void scale(Precision known, int first, int rows) {
        if (known == Precision.NANOSECOND) {
            split(first, rows);
            return;
        }
        long least = 0;
        long most = 0;
        for (int row = first; row < first + rows; row++) {
            least = Math.min(least, micros[row]);
            most = Math.max(most, micros[row]);
        }
        if (!known.holds(least) || !known.holds(most)) {
            throw outOfRange(known, first, rows);
        }
        long factor = known.nanos() / 1_000;
        if (factor != 1) {
            for (int row = first; row < first + rows; row++) {
                micros[row] *= factor;
            }
        }
    }

    private void split(int first, int rows) {
        long any = 0;
        for (int row = first; row < first + rows; row++) {
            long time = micros[row];
            any |= time - Math.floorDiv(time, 1_000L) * 1_000;
        }
        if (any != 0) {
            short[] rests = nanos();
            for (int row = first; row < first + rows; row++) {
                rests[row] = (short) (micros[row] - Math.floorDiv(micros[row], 1_000L) * 1_000);
            }
        }
        for (int row = first; row < first + rows; row++) {
            micros[row] = Math.floorDiv(micros[row], 1_000L);
        }
    }

    private ArrowFault outOfRange(Precision known, int first, int rows) {
        int row = 0;
        while (row < rows - 1 && known.holds(micros[first + row])) {
            row++;
        }
        return new ArrowFault(
                row,
                "timestamp " + micros[first + row] + " " + known.noun() + " is not between the years 1677 and 2262");
    }

    private short[] nanos() {
        short[] rests = nanos;
        if (rests == null) {
            memory.accept(2L * micros.length);
            rests = new short[micros.length];
            nanos = rests;
        }
        return rests;
    }

    private void reserve(int rows) {
        if (rows > micros.length) {
            micros = Arrays.copyOf(micros, Capacity.grow(micros.length, rows, Long.BYTES, memory));
            if (nanos != null) {
                memory.accept(2L * (micros.length - nanos.length));
                nanos = Arrays.copyOf(nanos, micros.length);
            }
        }
    }
}
