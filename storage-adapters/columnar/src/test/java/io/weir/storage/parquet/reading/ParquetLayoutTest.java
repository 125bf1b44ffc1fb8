package io.weir.storage.parquet.reading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.util.Set;
import org.apache.parquet.schema.MessageTypeParser;
import org.junit.jupiter.api.Test;

/** Which columns a file may have, by its schema alone. */
class ParquetLayoutTest {

    private static final IntegerTimes SECONDS = new IntegerTimes() {
        @Override
        public boolean holds(long time) {
            return true;
        }

        @Override
        public long toNanos(long time) {
            return time * 1_000_000_000L;
        }
    };

    private static ParquetLayout layout(String columns, String time, String... tags) {
        return ParquetLayout.of(
                MessageTypeParser.parseMessageType("message m { " + columns + " }"),
                new ParquetRowsOptions(time, Set.of(tags), SECONDS, (bytes, from, to) -> -1, 1_000, 6));
    }

    private static void assertRefused(String columns, String detail, String... tags) {
        assertThatThrownBy(() -> layout(columns, "time", tags))
                .isInstanceOf(WeirException.class)
                .hasMessageContaining(detail);
    }

    private static void assertTypeRefused(String column, String noun) {
        assertRefused(
                "required int64 time; optional double v; " + column,
                "column \"x\" is " + noun
                        + " (expected: an integer, float, double, boolean or a string marked as UTF-8)");
    }

    @Test
    void flatColumnsBecomeTagsAndFields() {
        assertThat(layout("""
                        required int64 time (TIMESTAMP(MICROS,true)); optional binary host (UTF8);
                        optional binary note (JSON); required int32 u (INTEGER(8,false)); optional float f;
                        required boolean b;""", "time", "host").values())
                .containsExactly(
                        new Column("host", ColumnType.TAG),
                        new Column("note", ColumnType.STRING),
                        new Column("u", ColumnType.UINT64),
                        new Column("f", ColumnType.FLOAT64),
                        new Column("b", ColumnType.BOOLEAN));
    }

    @Test
    void theTimeColumnSaysItsUnit() {
        assertThat(unit("int64 t (TIMESTAMP(MILLIS,false))")).isEqualTo(1_000_000);
        assertThat(unit("int64 t (TIMESTAMP(MICROS,true))")).isEqualTo(1_000);
        assertThat(unit("int64 t (TIMESTAMP(NANOS,true))")).isEqualTo(1);
        assertThat(unit("int32 t (DATE)")).isEqualTo(86_400_000_000_000L);
        assertThat(unit("int64 t")).isEqualTo(ParquetTypes.UNKNOWN_UNIT);
        assertThat(unit("int32 t (INTEGER(32,true))")).isEqualTo(ParquetTypes.UNKNOWN_UNIT);
    }

    private static long unit(String column) {
        return layout("required " + column + "; optional double v;", "t")
                .columns()
                .get(0)
                .nanosPerUnit();
    }

    @Test
    void whatCannotHoldTimesIsNoTimeColumn() {
        assertRefused("required double v;", "there is no column \"time\" in the file");
        for (String type : new String[] {
            "int96 time", "double time", "binary time (UTF8)", "int64 time (TIME(MICROS,true))", "int64 time (UINT_64)",
        }) {
            assertRefused(
                    "required " + type + "; required double v;", "(expected: a TIMESTAMP, a DATE or a signed integer)");
        }
        assertRefused("repeated int64 time; required double v;", "time column \"time\" is repeated INT64");
    }

    @Test
    void columnsOfOtherTypesAreRefusedByName() {
        assertTypeRefused("optional int32 x (DECIMAL(9,2));", "INT32 (DECIMAL(9,2))");
        assertTypeRefused("optional binary x (DECIMAL(30,2));", "BINARY (DECIMAL(30,2))");
        assertTypeRefused("optional binary x;", "BINARY");
        assertTypeRefused("optional binary x (BSON);", "BINARY (BSON)");
        assertTypeRefused("optional int96 x;", "INT96");
        assertTypeRefused("optional fixed_len_byte_array(16) x (UUID);", "FIXED_LEN_BYTE_ARRAY (UUID)");
        assertTypeRefused("optional int64 x (TIMESTAMP(MICROS,true));", "INT64 (TIMESTAMP(MICROS,true))");
        assertTypeRefused("optional int32 x (DATE);", "INT32 (DATE)");
        assertTypeRefused("repeated int32 x;", "repeated INT32");
        assertTypeRefused("optional group x { optional int32 y; }", "a group of columns");
        assertTypeRefused("optional group x (LIST) { repeated group list { optional int32 element; } }", "a LIST");
        assertTypeRefused(
                "optional group x (MAP) { repeated group key_value { required binary key (UTF8); optional int32 value; } }",
                "a MAP");
    }

    @Test
    void namesAndTagsAreChecked() {
        assertRefused("required int64 time; required int32 h;", "column \"h\" is INT32 and named in tags", "h");
        assertRefused("required int64 time; required int32 v;", "tag \"h\" is not a column of the file", "h");
        assertRefused("required int64 time; required int32 v;", "tag \"time\" is not a column of the file", "time");
        assertRefused("required int64 time; required binary h (UTF8);", "no column besides time and tags", "h");
        assertRefused("required int64 time; required int64 time_nanos;", "column name \"time_nanos\" is reserved");
        assertRefused("required int64 time; required int32 a; required int32 a;", "two columns have the name \"a\"");
        assertRefused("required int64 time; required int32 " + "a".repeat(129) + ";", "is longer than 128 bytes");
        assertRefused(
                "required int64 time; required int32 a; required int32 b; required int32 c; required int32 d;"
                        + " required int32 e; required int32 f;",
                "the file has 7 columns (expected: at most 6)");
        assertThatThrownBy(() -> layout("required int64 when; required int64 time;", "when"))
                .hasMessageContaining("column name \"time\" is reserved");
    }
}
