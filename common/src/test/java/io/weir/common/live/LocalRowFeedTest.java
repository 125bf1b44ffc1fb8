package io.weir.common.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** REQUIREMENTS W1: rows go to those who listen to their measurement, and to nobody else. */
class LocalRowFeedTest {

    private static final DatabaseId DATABASE = new DatabaseId("acme", "db");

    private final LocalRowFeed feed = new LocalRowFeed();

    private static final class Heard implements RowListener {
        private final List<ColumnBatch> batches = new ArrayList<>();
        private long missed;

        @Override
        public void published(DatabaseId database, ColumnBatch batch) {
            batches.add(batch);
        }

        @Override
        public void missed(TableId table, long rows) {
            missed += rows;
        }
    }

    private static ColumnBatch batch(String measurement) {
        BatchBuilder builder = new BatchBuilder(measurement);
        builder.endRow(builder.series().intern(), 1, 0);
        return builder.build();
    }

    @Test
    void rowsGoToWhoeverListensForAsLongAsTheyDo() {
        Heard one = new Heard();
        Heard two = new Heard();
        ColumnBatch batch = batch("cpu");
        feed.published(DATABASE, batch);
        Disposable first = feed.listen(DATABASE.table("cpu"), one);
        Disposable second = feed.listen(DATABASE.table("cpu"), two);
        feed.published(DATABASE, batch);
        feed.published(DATABASE, batch("mem"));
        feed.published(new DatabaseId("other", "db"), batch);
        feed.missed(DATABASE.table("cpu"), 3);
        first.dispose();
        first.dispose();
        feed.published(DATABASE, batch);
        assertThat(one.batches).containsExactly(batch);
        assertThat(two.batches).containsExactly(batch, batch);
        assertThat(one.missed).isEqualTo(3);
        second.dispose();
        feed.published(DATABASE, batch);
        assertThat(two.batches).hasSize(2);
        assertThat(feed.size()).isZero();
        assertThat(feed.fault()).isEmpty();
    }

    @Test
    void aBrokenFeedSaysWhy() {
        RowFeed broken = RowFeed.broken("no bus");
        assertThat(broken.fault()).contains("no bus");
        assertThatThrownBy(() -> broken.listen(DATABASE.table("cpu"), RowListener.NONE))
                .hasMessageContaining("no bus");
    }
}
