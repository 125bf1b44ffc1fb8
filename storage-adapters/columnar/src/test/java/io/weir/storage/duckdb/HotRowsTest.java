package io.weir.storage.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HotRowsTest {

    @TempDir
    Path directory;

    private DuckDbEngine engine;

    @BeforeEach
    void open() {
        engine = Engines.engine(directory, 2);
    }

    @AfterEach
    void close() {
        assertThat(engine.hotTables()).isZero();
        engine.close();
    }

    private List<List<Object>> query(String sql, ColumnBatch... batches) {
        return engine.withSession(
                        Engines.LONG,
                        session -> session.run(connection -> {
                                    connection.bind(
                                            "m", Batches.SCHEMA, column -> true, List.of(), Arrays.asList(batches));
                                    return 1;
                                })
                                .thenMany(Engines.rows(session, sql)))
                .flatMapIterable(rows -> rows)
                .collectList()
                .block();
    }

    @Test
    void everyTypeAndNullArrivesAsWritten() { // lesson 17
        assertThat(query("SELECT * FROM m ORDER BY time DESC", Batches.everyType()))
                .containsExactly(
                        Arrays.asList(1_000_001L, (short) 999, "a", 1.5, Long.MIN_VALUE, -1L, "é\"x", true, null),
                        Arrays.asList(-1L, (short) 0, null, null, null, null, null, null, null));
        assertThat(query("SELECT u::VARCHAR, typeof(u), typeof(time) FROM m WHERE u IS NOT NULL", Batches.everyType()))
                .containsExactly(List.of("18446744073709551615", "UBIGINT", "TIMESTAMP WITH TIME ZONE"));
    }

    @Test
    void codedStringsArriveAsTheirTexts() {
        assertThat(query("SELECT s FROM m ORDER BY time", Batches.codedStrings()))
                .containsExactly(
                        List.of("a"), List.of("b"), List.of("a"), Collections.singletonList(null), List.of("b"));
    }

    @Test
    void integerColumnOfABatchWidensToTheSchemasFloat() { // lesson 22
        assertThat(query(
                        "SELECT host, sum(v), count(*) FROM m GROUP BY ALL ORDER BY host NULLS LAST",
                        Batches.everyType(),
                        Batches.numbered(0, 10_000),
                        Batches.numbered(10_000, 5_000)))
                .containsExactly(
                        List.of("a", 56_242_500.0 + 1.5, 7_501L),
                        List.of("b", 56_250_000.0, 7_500L),
                        Arrays.asList(null, null, 1L));
    }

    @Test
    void countReadsNoColumnAndSelfJoinsScanTwice() {
        assertThat(query("SELECT count(*) FROM m", Batches.numbered(0, 123_457)))
                .containsExactly(List.of(123_457L));
        assertThat(query(
                        "SELECT count(*) FROM m a JOIN m b USING (time) WHERE a.time >= '1970-01-01 00:00:10Z'",
                        Batches.numbered(0, 5_000)))
                .containsExactly(List.of(4_990L));
    }

    @Test
    void measurementWithoutRowsHasItsColumns() { // lesson 35
        assertThat(query("SELECT count(*), max(later), min(time_nanos) FROM m"))
                .containsExactly(Arrays.asList(0L, null, null));
    }
}
