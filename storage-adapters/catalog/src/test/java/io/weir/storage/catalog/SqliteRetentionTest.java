package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteRetentionTest extends RetentionContract {

    @TempDir
    Path directory;

    @Override
    CatalogConnections open(String name) {
        return CatalogConnections.sqlite(directory.resolve(name + ".db"), 4);
    }

    @Test
    void whatIsDueAndWhatExpiredIsFoundByIndexes() {
        assertThat(plan(R2dbcRetentionPolicies.DUE.replace(":now", "5")))
                .contains("retention_policies USING INDEX retention_policies_by_next_run (next_run_micros<?)");
        assertThat(plan(R2dbcRetentionPolicies.EXPIRED
                                .replace(":organisation", "'a'")
                                .replace(":cutoff", "5")
                        + " AND d.name = 'iot' GROUP BY d.organisation, d.name, m.name"))
                .contains("SEARCH f USING INDEX files_by_span (measurement_id=? AND span_class=? AND min_micros<?)")
                .doesNotContain("SCAN");
    }
}
