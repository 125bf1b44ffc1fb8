package io.weir.common.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class MeasurementSchemaTest {

    private static final Column HOST = new Column("host", ColumnType.TAG);
    private static final Column LOAD = new Column("load", ColumnType.FLOAT64);

    @Test
    void aSchemaOnlyGrowsAndKeepsFieldIds() {
        MeasurementSchema one = MeasurementSchema.empty().plus(List.of(HOST), false);
        MeasurementSchema two = one.plus(List.of(LOAD, HOST), true);
        assertThat(two.columns()).containsExactly(HOST, LOAD);
        assertThat(one.fieldIdOf("host")).isEqualTo(two.fieldIdOf("host")).isEqualTo(3);
        assertThat(two.fieldIdOf("load")).isEqualTo(4);
        assertThat(two.plus(List.of(), false).hasNanos()).isTrue();
        assertThat(two.plus(List.of(HOST), true)).isSameAs(two);
    }

    @Test
    void namesThatDifferInCaseOnlyAreToldApartInQueries() {
        MeasurementSchema schema = MeasurementSchema.of(
                List.of(
                        new Column("Load", ColumnType.FLOAT64),
                        new Column("load", ColumnType.INT64),
                        new Column("LOAD", ColumnType.STRING),
                        new Column("load_1", ColumnType.STRING),
                        new Column("Time", ColumnType.STRING)),
                false);
        assertThat(schema.queryNames()).containsExactly("Load", "load_1", "LOAD_2", "load_1_1", "Time_1");
    }

    @Test
    void twoColumnsOfOneNameAreRefused() {
        assertThatThrownBy(() -> MeasurementSchema.of(List.of(HOST, HOST), false))
                .hasMessageContaining("host");
        assertThatThrownBy(() -> MeasurementSchema.empty().fieldIdOf("x")).hasMessageContaining("x");
    }
}
