package io.weir.query.condition;

import io.weir.common.schema.ColumnType;

/** A test of values of one column, whatever its type turns out to be. Thread-safe. */
interface ValueTest {

    /** Whether it can be tried on such values; where it cannot, it says nothing of them. */
    boolean appliesTo(ColumnType type);

    /** Whether it can be tried on times. */
    boolean appliesToTimes();

    /** Of a signed number, or of the bits of an unsigned one. */
    boolean ofLong(long value, boolean unsigned);

    boolean ofDouble(double value);

    boolean ofBoolean(boolean value);

    /** Of the text in {@code [from, to)}. */
    boolean ofText(byte[] utf8, int from, int to);

    boolean ofTime(long micros);
}
