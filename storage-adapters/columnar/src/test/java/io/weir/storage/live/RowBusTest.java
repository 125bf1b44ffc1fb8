package io.weir.storage.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.weir.common.batch.BatchBuilder;
import io.weir.common.batch.ColumnBatch;
import io.weir.common.batch.DoubleColumn;
import io.weir.common.batch.StringColumn;
import io.weir.common.live.LocalRowBus;
import io.weir.common.live.RowListener;
import io.weir.common.memory.MemoryBudget;
import io.weir.common.model.DatabaseId;
import io.weir.common.model.TableId;
import io.weir.common.schema.ColumnType;
import io.weir.testing.ManualScheduler;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;

/** Rows over a bus: the same, in order, and what is left out is told. REQUIREMENTS W3. */
class RowBusTest {

    private static final DatabaseId DATABASE = new DatabaseId("acme", "db");
    private static final TableId CPU = DATABASE.table("cpu/load");

    private final LocalRowBus bus = new LocalRowBus();
    private final ManualScheduler workers = new ManualScheduler();
    private final MemoryBudget budget = MemoryBudget.root("test", 64 << 10);
    private final BusPublisher publisher = new BusPublisher(bus, budget, workers);
    private final MemoryBudget received = MemoryBudget.root("received", 64 << 10);
    private final BusFeed feed = new BusFeed(bus, received, workers);

    private static final class Heard implements RowListener {
        private final List<String> rows = new ArrayList<>();
        private long missed;

        @Override
        public void published(DatabaseId database, ColumnBatch batch) {
            assertThat(database).isEqualTo(DATABASE);
            DoubleColumn values = (DoubleColumn) batch.fields().get(0);
            StringColumn notes = (StringColumn) batch.fields().get(1);
            for (int row = 0; row < batch.rows(); row++) {
                int code = batch.series().code(0, batch.seriesOfRow()[row]);
                rows.add(batch.timeMicros()[row] + " "
                        + batch.series().dictionary(0).get(code) + " " + values.values()[row] + " "
                        + (notes.isNull(row) ? "-" : notes.get(row)));
            }
        }

        @Override
        public void missed(TableId table, long count) {
            missed += count;
        }
    }

    private static ColumnBatch batch(int first, int rows) {
        BatchBuilder builder = new BatchBuilder("cpu/load");
        int host = builder.series().tag("host");
        int value = builder.field("v", ColumnType.FLOAT64);
        int note = builder.field("note", ColumnType.STRING);
        byte[] text = "é".getBytes(StandardCharsets.UTF_8);
        for (int i = first; i < first + rows; i++) {
            builder.series().stage(host, builder.series().code(host, text, 0, text.length));
            builder.setDouble(value, i / 2.0);
            if (i % 2 == 0 || rows == 1) {
                builder.setString(note, text, 0, text.length);
            }
            builder.endRow(builder.series().intern(), i, 0);
        }
        return builder.build();
    }

    @Test
    void rowsArriveAsTheyWereSentAndOnlyWhileSomebodyListens() {
        publisher.published(DATABASE, batch(0, 2));
        assertThat(budget.usedBytes()).isZero();
        Heard one = new Heard();
        Heard two = new Heard();
        Disposable first = feed.listen(CPU, one);
        Disposable second = feed.listen(CPU, two);
        publisher.published(DATABASE, batch(2, 2));
        publisher.published(DATABASE, batch(4, 1));
        workers.run();
        assertThat(one.rows).containsExactly("2 é 1.0 é", "3 é 1.5 -", "4 é 2.0 é");
        assertThat(two.rows).isEqualTo(one.rows);
        first.dispose();
        publisher.published(DATABASE, batch(6, 1));
        workers.run();
        assertThat(one.rows).hasSize(3);
        assertThat(two.rows).hasSize(4);
        second.dispose();
        assertThat(bus.isWanted("acme/db/cpu/load")).isFalse();
        assertThat(budget.usedBytes()).isZero();
        assertThat(one.missed + two.missed).isZero();
    }

    @Test
    void whatFindsNoRoomIsLeftOutAndTold() {
        Heard heard = new Heard();
        Disposable listening = feed.listen(CPU, heard);
        for (int i = 0; i < 1_000; i++) {
            publisher.published(DATABASE, batch(i, 1)); // no worker has time
            assertThat(budget.usedBytes()).isLessThanOrEqualTo(64 << 10);
        }
        workers.run();
        publisher.published(DATABASE, batch(1_000, 1));
        workers.run();
        assertThat(heard.rows.size() + heard.missed).isEqualTo(1_001);
        assertThat(heard.missed).isGreaterThan(500);
        assertThat(heard.rows).startsWith("0 é 0.0 é").endsWith("1000 é 500.0 é");
        listening.dispose();
        assertThat(budget.usedBytes()).isZero();
        assertThat(received.usedBytes()).isZero();
    }

    @Test
    void whatFindsNoRoomWhereItArrivesIsToldToo() {
        Heard heard = new Heard();
        BusFeed narrow = new BusFeed(bus, MemoryBudget.root("narrow", 10), workers);
        Disposable listening = narrow.listen(CPU, heard);
        publisher.missed(CPU, 5);
        publisher.published(DATABASE, batch(0, 3));
        workers.run();
        assertThat(heard.rows).isEmpty();
        assertThat(heard.missed).isEqualTo(8);
        listening.dispose();
    }

    @Test
    void aMessageThatIsNoneHarmsNobody() {
        Heard heard = new Heard();
        Disposable listening = feed.listen(CPU, heard);
        bus.publish("acme/db/cpu/load", new byte[3]).block();
        bus.publish("acme/db/cpu/load", new byte[64]).block();
        publisher.published(DATABASE, batch(1, 1));
        workers.run();
        assertThat(heard.rows).hasSize(1);
        listening.dispose();
    }
}
