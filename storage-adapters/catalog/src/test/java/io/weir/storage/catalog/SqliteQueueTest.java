package io.weir.storage.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteQueueTest extends QueueContract {

    @TempDir
    Path directory;

    @Override
    CatalogConnections open(String name) {
        return CatalogConnections.sqlite(directory.resolve(name + ".db"), 4);
    }

    @Test
    void whatIsDueIsFoundByIndexes() {
        assertThat(plan(R2dbcCompactionQueue.BY_QUIET.replaceAll(":(latest|quiet|past)", "5")))
                .contains("SEARCH compaction_queue USING INDEX compaction_queue_by_quiet (quiet_micros<?)");
        assertThat(plan(R2dbcCompactionQueue.BY_CHANGES.replace(":changes", "5")))
                .contains("SEARCH compaction_queue USING INDEX compaction_queue_by_changes (changes>?)");
    }
}
