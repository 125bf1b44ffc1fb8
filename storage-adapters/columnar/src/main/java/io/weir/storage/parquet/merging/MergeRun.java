package io.weir.storage.parquet.merging;

import io.weir.common.schema.Column;
import io.weir.storage.parquet.DataFileStats;
import io.weir.storage.parquet.DataFileStream;
import io.weir.storage.parquet.DataFileWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One merge under way. Not thread-safe. */
final class MergeRun {

    private final MergeJob job;
    private final DataFileWriter writer;
    private final List<InputFile> inputs;
    private final int rowGroupRows;
    private final long memoryBytes;
    private final List<TagValues> tags;
    private final MergedSeries series;
    private final MergedChunk chunk;
    private final ColumnReading reading = new ColumnReading();
    private final Set<Column> present = new LinkedHashSet<>();
    private final boolean hasNanos;
    private final @Nullable LastWins lastWins;
    private final MergeQueue queue;
    private long tagBytes;
    private long written;

    /** @param inputs the first of the job's, open; closed by whoever opened them */
    MergeRun(MergeJob job, List<String> tagNames, DataFileWriter writer, List<InputFile> inputs, int rowGroupRows) {
        this.job = job;
        this.writer = writer;
        this.inputs = inputs;
        this.rowGroupRows = rowGroupRows;
        this.memoryBytes = job.memoryBytes();
        this.tags = tagNames.stream().map(name -> new TagValues()).toList();
        this.tagBytes = memoryBytes / 8;
        inputs.forEach(input -> input.addColumns(present));
        this.hasNanos = inputs.stream().anyMatch(InputFile::hasNanos);
        boolean last = job.duplicates() == Duplicates.LAST_WINS;
        this.lastWins = last ? new LastWins(job.measurement(), present) : null;
        this.series = new MergedSeries(tagNames, tags);
        this.chunk = new MergedChunk(job.schema(), series, hasNanos, last ? 2 * rowGroupRows : rowGroupRows);
        this.queue = new MergeQueue(inputs.size(), tags);
    }

    MergeResult write() {
        long rows = job.inputs().subList(0, inputs.size()).stream()
                .mapToLong(MergeInput::rowsKept)
                .sum();
        try (DataFileStream out = writer.stream(job.output(), job.measurement(), hasNanos, present, job.metadata())) {
            for (int i = 0; i < inputs.size(); i++) {
                queue.add(new Cursor(inputs.get(i), i, load(inputs.get(i), out)));
            }
            mergeAll(out);
            drain(out, 0);
            DataFileStats stats = out.finish();
            if (lastWins == null && stats.rows() != rows) {
                throw new IllegalStateException(
                        "a merge of " + rows + " rows wrote " + stats.rows() + " (expected: all of them)");
            }
            return new MergeResult(stats, inputs.size(), rows);
        }
    }

    private void mergeAll(DataFileStream out) {
        while (queue.size() > 0) {
            Cursor first = queue.get(0);
            Cursor second = queue.second();
            int end = second == null ? first.segmentEnd() : first.runEnd(second, tags);
            end = first.isLeftOut() ? first.leftOutEnd(end) : first.keptEnd(Math.min(end, first.row() + chunk.room()));
            if (!first.isLeftOut()) {
                chunk.append(first.group(), first.segment(), first.row(), end);
            }
            if (chunk.room() == 0) {
                writeFull(out);
            }
            if (first.moveTo(end) || enterNext(first, out)) {
                queue.firstMoved();
            } else {
                queue.removeFirst();
            }
        }
    }

    /** Loads the group behind the one that ended; false when there is none. */
    private boolean enterNext(Cursor cursor, DataFileStream out) {
        if (!cursor.input().hasNext()) {
            return false;
        }
        LoadedGroup ended = cursor.group();
        LoadedGroup next = load(cursor.input(), out);
        if (!ended.isBefore(next, tags)) {
            throw cursor.input().failed(new IllegalArgumentException("row groups are not in order"));
        }
        cursor.enter(next);
        return true;
    }

    private LoadedGroup load(InputFile input, DataFileStream out) {
        if (Thread.currentThread().isInterrupted()) {
            throw new UncheckedIOException(new IOException("the merge was cancelled"));
        }
        if (chunk.rows() > 0 && heldBytes() + input.nextBytes() > memoryBytes) {
            drain(out, keptRows());
        }
        if (tags.stream().mapToLong(TagValues::bytes).sum() > tagBytes) {
            forgetTags(out);
        }
        LoadedGroup group = input.load(reading);
        try {
            group.number(tags);
        } catch (IllegalArgumentException e) {
            throw input.failed(e);
        }
        return group;
    }

    private long heldBytes() {
        long bytes = chunk.heldBytes();
        for (int i = 0; i < queue.size(); i++) {
            LoadedGroup group = queue.get(i).group();
            bytes += group.chunkIndex() < 0 ? group.bytes() : 0;
        }
        return bytes;
    }

    /** Values that no loaded group has any more are forgotten; their numbers are in what is not written yet. */
    private void forgetTags(DataFileStream out) {
        drain(out, keptRows());
        series.renumber();
        for (int i = 0; i < queue.size(); i++) {
            queue.get(i).group().number(tags);
        }
        tagBytes =
                Math.max(tagBytes, 2 * tags.stream().mapToLong(TagValues::bytes).sum());
    }

    /** The last row stays where the next one may be of its series and time. */
    private int keptRows() {
        return lastWins == null ? 0 : 1;
    }

    private void writeFull(DataFileStream out) {
        if (lastWins == null) {
            drain(out, 0);
            return;
        }
        chunk.collapse(lastWins);
        while (chunk.rows() > rowGroupRows) {
            write(rowGroupRows, out);
        }
    }

    private void drain(DataFileStream out, int kept) {
        if (lastWins != null) {
            chunk.collapse(lastWins);
        }
        while (chunk.rows() > kept) {
            write(Math.min(rowGroupRows, chunk.rows() - kept), out);
        }
    }

    private void write(int rows, DataFileStream out) {
        out.write(chunk.take(rows));
        written += rows;
        job.progress().accept(written);
    }
}
