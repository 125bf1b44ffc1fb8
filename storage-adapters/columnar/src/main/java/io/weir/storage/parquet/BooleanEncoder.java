package io.weir.storage.parquet;

import io.weir.common.batch.Bits;
import io.weir.common.batch.BooleanColumn;
import io.weir.common.batch.FieldColumn;
import io.weir.common.schema.Column;
import java.io.IOException;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.statistics.Statistics;
import org.jspecify.annotations.Nullable;

/** Encodes a {@code BOOLEAN} field in the RLE encoding; the values are 0 and 1 until then. */
final class BooleanEncoder implements ColumnEncoder {

    private final @Nullable FieldColumn[] fields;

    BooleanEncoder(SortedRows rows, Column column) {
        this.fields = rows.field(column);
    }

    @Override
    public void gather(EncoderScratch scratch) {
        scratch.spanPresence().allPresent(scratch.spanRows());
        BatchOrder order = scratch.order();
        for (int batch = 0; batch < fields.length; batch++) {
            if (fields[batch] instanceof BooleanColumn field) {
                scatter(batch, field, order, scratch.numbers());
                order.removeNulls(batch, field, scratch.spanPresence());
            } else {
                order.removeAll(batch, scratch.spanPresence());
            }
        }
    }

    private static void scatter(int batch, BooleanColumn field, BatchOrder order, long[] numbers) {
        long[] bits = field.bits();
        int count = order.count(batch);
        for (int i = 0; i < count; i++) {
            numbers[order.place(batch, i)] = Bits.get(bits, order.row(batch, i)) ? 1 : 0;
        }
    }

    @Override
    public void encode(int from, int to, EncoderScratch scratch, ColumnChunk chunk) throws IOException {
        scratch.takeGathered(from, to);
        Presence presence = scratch.presence();
        PageBuffer values = scratch.values();
        if (presence.values() == 0) {
            chunk.nullPage(presence, values);
            return;
        }
        int trues = encode(scratch, values);
        Statistics<?> statistics = chunk.statistics(presence);
        statistics.updateStats(trues == presence.values());
        statistics.updateStats(trues > 0);
        chunk.page(presence, Encoding.RLE, values, statistics);
    }

    /** Fills {@code page} with a length and runs. Returns how many values are true. */
    private static int encode(EncoderScratch scratch, PageBuffer page) {
        page.clear();
        page.putInt(0); // the length, once it is known
        RunPacking runs = scratch.runs();
        runs.start(1, page);
        long[] numbers = scratch.numbers();
        int end = scratch.at() + scratch.presence().values();
        int trues = 0;
        for (int first = scratch.at(), i = first; i <= end; i++) {
            if (i == end || numbers[i] != numbers[first]) {
                runs.run((int) numbers[first], i - first);
                trues += (int) numbers[first] * (i - first);
                first = i;
            }
        }
        runs.end();
        page.setInt(0, page.size() - Integer.BYTES);
        return trues;
    }
}
