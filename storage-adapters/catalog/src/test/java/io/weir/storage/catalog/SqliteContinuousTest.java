package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteContinuousTest extends ContinuousContract {

    @TempDir
    Path directory;

    @Override
    CatalogConnections open(String name) {
        return CatalogConnections.sqlite(directory.resolve(name + ".db"), 4);
    }

    @Test
    void whatIsDueIsFoundByAnIndex() {
        assertThat(plan(R2dbcContinuousQueries.DUE.replace(":now", "5")))
                .contains("continuous_queries USING INDEX continuous_queries_by_next_run (next_run_micros<?)");
    }
}
