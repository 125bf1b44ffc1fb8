package io.weir.query.result;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * The writer of a column of a common type: copies the values of a batch into arrays of its own at once, so that what is
 * done for a value touches neither the engine's memory nor a check of it.
 */
abstract class LoadedColumn implements TextColumn {

    private final FieldVector vector;
    private final byte[] nothing;
    private byte[] validity = new byte[0];
    private boolean hasNulls;

    private LoadedColumn(FieldVector vector, byte[] nothing) {
        this.vector = vector;
        this.nothing = nothing;
    }

    /** How a kind of text differs from others. */
    enum Form {
        JSON("null"),
        CSV("");

        @SuppressWarnings("ImmutableEnumChecker") // never written
        private final byte[] nothing;

        Form(String nothing) {
            this.nothing = OutputBytes.ascii(nothing);
        }
    }

    /** The writer of a column, nulls included; null where its type has none. */
    static @Nullable TextColumn of(FieldVector vector, Form form) {
        if (vector.getField().getDictionary() != null) {
            return null;
        }
        if (vector instanceof BigIntVector longs) {
            return new Longs(longs, form);
        }
        if (vector instanceof Float8Vector doubles) {
            return new Doubles(doubles, form);
        }
        if (vector instanceof VarCharVector strings) {
            return new Strings(strings, form);
        }
        if (vector instanceof TimeStampVector stamps) {
            return new Stamps(stamps, form);
        }
        return null;
    }

    @Override
    public void load(int rows) {
        hasNulls = vector.getNullCount() > 0;
        if (hasNulls) {
            int length = (rows + 7) / 8;
            if (validity.length < length) {
                validity = new byte[length];
            }
            vector.getValidityBuffer().getBytes(0, validity, 0, length);
        }
    }

    /** Whether the value is nothing, which then is written. */
    final boolean isNothing(TextBytes out, int row) {
        if (hasNulls && ((validity[row >> 3] >> (row & 7)) & 1) == 0) {
            out.raw(nothing);
            return true;
        }
        return false;
    }

    private static ByteBuffer bytes(ArrowBuf buffer, int length) {
        return buffer.nioBuffer(0, length).order(ByteOrder.nativeOrder());
    }

    private abstract static class Words extends LoadedColumn {

        private final FieldVector vector;
        long[] values = new long[0];

        Words(FieldVector vector, Form form) {
            super(vector, form.nothing);
            this.vector = vector;
        }

        @Override
        public final void load(int rows) {
            super.load(rows);
            if (values.length < rows) {
                values = new long[rows];
            }
            bytes(vector.getDataBuffer(), Math.multiplyExact(rows, Long.BYTES))
                    .asLongBuffer()
                    .get(values, 0, rows);
        }
    }

    private static final class Longs extends Words {

        Longs(BigIntVector vector, Form form) {
            super(vector, form);
        }

        @Override
        public void write(TextBytes out, int row) {
            if (!isNothing(out, row)) {
                out.wide(values[row]);
            }
        }
    }

    private static final class Doubles extends Words {

        private final boolean saysNotFinite;

        Doubles(Float8Vector vector, Form form) {
            super(vector, form);
            this.saysNotFinite = form == Form.CSV; // JSON has no number for them
        }

        @Override
        public void write(TextBytes out, int row) {
            if (isNothing(out, row)) {
                return;
            }
            double value = Double.longBitsToDouble(values[row]);
            if (saysNotFinite) {
                out.numberOrName(value);
            } else {
                out.number(value);
            }
        }
    }

    private static final class Stamps extends Words {

        private final TemporalText text = new TemporalText();
        private final long unitsASecond;
        private final boolean quotes;

        Stamps(TimeStampVector vector, Form form) {
            super(vector, form);
            this.unitsASecond = TemporalColumns.unitsASecond(
                    ((ArrowType.Timestamp) vector.getField().getType()).getUnit());
            this.quotes = form == Form.JSON;
        }

        @Override
        public void write(TextBytes out, int row) {
            if (isNothing(out, row)) {
                return;
            }
            int from = out.size();
            TemporalColumns.timestamp(out, text, values[row], unitsASecond);
            if (!quotes) {
                out.unquote(from);
            }
        }
    }

    private static final class Strings extends LoadedColumn {

        /** Bytes up to which the strings of a batch are copied at once. */
        private static final int MOST = 1 << 20;

        private final VarCharVector vector;
        private final boolean cells;
        private int[] offsets = new int[0];
        private byte[] utf8 = new byte[0];
        private boolean copied;

        Strings(VarCharVector vector, Form form) {
            super(vector, form.nothing);
            this.vector = vector;
            this.cells = form == Form.CSV;
        }

        @Override
        public void load(int rows) {
            super.load(rows);
            if (offsets.length < rows + 1) {
                offsets = new int[rows + 1];
            }
            bytes(vector.getOffsetBuffer(), Math.multiplyExact(rows + 1, Integer.BYTES))
                    .asIntBuffer()
                    .get(offsets, 0, rows + 1);
            int length = offsets[rows] - offsets[0];
            copied = length <= MOST;
            if (copied) {
                if (utf8.length < length + Long.BYTES) {
                    utf8 = new byte[length + length / 4 + Long.BYTES];
                }
                vector.getDataBuffer().getBytes(offsets[0], utf8, 0, length);
            }
        }

        @Override
        public void write(TextBytes out, int row) {
            if (isNothing(out, row)) {
                return;
            }
            int from = offsets[row];
            int to = offsets[row + 1];
            if (copied) {
                if (cells) {
                    out.cell(utf8, from - offsets[0], to - from);
                } else {
                    out.string(utf8, from - offsets[0], to - from);
                }
            } else if (cells) {
                out.cell(vector.getDataBuffer(), from, to);
            } else {
                out.string(vector.getDataBuffer(), from, to);
            }
        }
    }
}
