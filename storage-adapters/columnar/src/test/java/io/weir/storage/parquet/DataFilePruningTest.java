package io.weir.storage.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.ColumnBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statistics never make DuckDB skip a row it should see. */
class DataFilePruningTest {

    private static final int FILES = 6;

    @TempDir
    Path folder;

    // LESSONS 34: pruned equals unpruned, NaN columns and long strings included
    @Test
    void filtersOnFilesEqualFiltersOnTheirRows() throws Exception {
        long firstSeed = System.nanoTime();
        System.out.println("DataFilePruningTest seeds from " + firstSeed);
        try (DuckReader duck = new DuckReader()) {
            for (long seed = firstSeed; seed < firstSeed + FILES; seed++) {
                Random random = new Random(seed);
                RandomPoints generator = new RandomPoints(seed);
                List<ColumnBatch> batches = generator.batches(generator.points(300));
                SortedRows rows = SortedRows.all(generator.schema(), batches);
                Path file = folder.resolve("p" + seed + ".parquet");
                new DataFileWriter(DataFileOptions.DEFAULT.withRowGroupRows(1 + random.nextInt(40)))
                        .write(rows, file, Map.of());
                compare(file, duck, seed);
            }
        }
    }

    private static void compare(Path file, DuckReader duck, long seed) throws Exception {
        duck.execute("CREATE OR REPLACE TABLE copy AS SELECT * FROM " + DuckReader.table(file));
        for (List<Object> described : duck.query("DESCRIBE copy")) {
            String column = "\"" + described.get(0).toString().replace("\"", "\"\"") + "\"";
            for (Object literal : literals(column, described.get(1).toString(), duck)) {
                for (String operator : List.of("<", ">", "<=", ">=", "=", "<>", "IS NOT DISTINCT FROM")) {
                    String where = " WHERE " + column + " " + operator + " " + literal;
                    assertThat(duck.value("SELECT count(*) FROM " + DuckReader.table(file) + where))
                            .as("%s, seed %d", where, seed)
                            .isEqualTo(duck.value("SELECT count(*) FROM copy" + where));
                }
            }
            String bounds = "SELECT min(c) IS NOT DISTINCT FROM max(c), min(c)::VARCHAR, max(c)::VARCHAR FROM (SELECT "
                    + column + " AS c FROM ";
            assertThat(duck.query(bounds + DuckReader.table(file) + ")"))
                    .as("bounds of %s, seed %d", column, seed)
                    .isEqualTo(duck.query(bounds + "copy)"));
        }
    }

    /** A few values of the column, and null, as SQL. */
    private static List<Object> literals(String column, String type, DuckReader duck) throws Exception {
        List<Object> literals = new ArrayList<>(List.of("NULL"));
        String sql = "SELECT DISTINCT " + column + "::VARCHAR FROM copy WHERE " + column
                + " IS NOT NULL AND NOT contains(" + column + "::VARCHAR, chr(0)) ORDER BY 1";
        List<List<Object>> values = duck.query(sql);
        for (int i = 0; i < values.size(); i += 1 + values.size() / 4) {
            literals.add("'" + values.get(i).get(0).toString().replace("'", "''") + "'::" + type);
        }
        return literals;
    }
}
