package io.weir.query.continuous;

import static io.weir.query.continuous.ContinuousFixture.ROLLUP;
import static io.weir.query.continuous.ContinuousFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the columns of a window. REQUIREMENTS L2; LESSONS 17, 22. */
class WindowColumnsTest {

    @TempDir
    Path directory;

    private ContinuousFixture fixture;

    @BeforeEach
    void open() throws Exception {
        fixture = new ContinuousFixture(directory);
        fixture.sources.write(fixture.cpu, 0, 60);
        fixture.at(60);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private String failure(String statement) {
        fixture.add(statement, Duration.ZERO, Duration.ZERO);
        await(fixture.worker().turn());
        return fixture.query().state().lastFailure();
    }

    private List<Column> columns() {
        return await(fixture.catalog.snapshot(ROLLUP, List.of())).schema().columns();
    }

    @Test
    void everyCommonTypeIsWritten() {
        assertThat(failure(
                        "SELECT min(time) + INTERVAL '5 seconds' AS time, 'x' AS tag, true AS yes, 7::TINYINT AS small,"
                                + " sum(n) AS huge, 18446744073709551615::UBIGINT AS big, 1.5::DECIMAL(5,2) AS dec,"
                                + " avg(v)::FLOAT AS f, NULL::VARCHAR AS none, NULL::DOUBLE AS nothing FROM cpu"))
                .isEmpty();
        assertThat(columns())
                .containsExactly(
                        new Column("tag", ColumnType.TAG),
                        new Column("yes", ColumnType.BOOLEAN),
                        new Column("small", ColumnType.INT64),
                        new Column("huge", ColumnType.INT64),
                        new Column("big", ColumnType.UINT64),
                        new Column("dec", ColumnType.FLOAT64),
                        new Column("f", ColumnType.FLOAT64));
        assertThat(fixture.rows(ROLLUP, "epoch(time)::BIGINT AS t, tag, yes, small, huge, big, dec, f"))
                .containsExactly("5 x true 7 1770 18446744073709551615 1.5 14.75");
    }

    @Test
    void theDestinationsTypesAreKept() {
        await(fixture.catalog.addColumns(
                ROLLUP, List.of(new Column("s", ColumnType.STRING), new Column("c", ColumnType.FLOAT64)), false));
        assertThat(failure("SELECT 'text' AS s, count(*) AS c FROM cpu")).isEmpty();
        assertThat(fixture.rows(ROLLUP, "s, c")).containsExactly("text 60.0");
    }

    @Test
    void aTypeThatTheDestinationHasOtherwiseIsAConflict() {
        await(fixture.catalog.addColumns(ROLLUP, List.of(new Column("c", ColumnType.BOOLEAN)), false));
        assertThat(failure("SELECT count(*) AS c FROM cpu")).contains("c").contains("boolean");
        assertThat(fixture.files(ROLLUP)).isEmpty();
        assertThat(fixture.query().watermarkMicros()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT [1] AS l FROM cpu | column \"l\" cannot be written: it is INTEGER[]",
                "SELECT 1 AS a, 2 AS A FROM cpu | another one has the same name",
                "SELECT 1 AS time_nanos FROM cpu | the name time_nanos is reserved",
                "SELECT 'x' AS time FROM cpu | which is no time",
                "SELECT NULL::TIMESTAMP AS time FROM cpu | a row has no time",
                "SELECT 170141183460469231731687303715884105727::HUGEINT AS h FROM cpu | which is no integer of 64 bits",
            })
    void whatCannotBeWrittenIsRefused(String statement, String why) {
        assertThat(failure(statement)).contains(why);
        assertThat(fixture.files(ROLLUP)).isEmpty();
    }

    @Test
    void theOrderOfRowsDoesNotCountInADigest() {
        RowsDigest one = new RowsDigest();
        RowsDigest other = new RowsDigest();
        for (int n = 0; n < 50; n++) {
            add(one, n);
            add(other, 49 - n);
        }
        assertThat(one.text()).isEqualTo(other.text());
        add(one, 1);
        add(other, 2);
        assertThat(one.text()).isNotEqualTo(other.text());
    }

    private static void add(RowsDigest digest, int n) {
        digest.add(n);
        digest.add(("text of " + n).getBytes(java.nio.charset.StandardCharsets.UTF_8));
        digest.endRow();
    }
}
