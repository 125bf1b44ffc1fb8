package io.weir.storage.parquet.merging;

import io.weir.common.error.WeirException;
import io.weir.common.schema.Column;
import io.weir.common.schema.ColumnType;
import io.weir.storage.parquet.DataFileWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Merges sorted data files into one. Of each input one row group is in memory, and those before it that the row group being
 * written still needs; a job's memory bounds them all. Rows are moved by runs: as long as the next row of an input comes
 * before that of every other, it is copied with its neighbours, and columns are gathered when a row group is full.
 * Thread-safe; each call blocks, and ends soon after an interrupt.
 */
public final class FileMerge {

    private final DataFileWriter writer;
    private final int rowGroupRows;

    /** @param rowGroupRows rows of a row group of the output */
    public FileMerge(DataFileWriter writer, int rowGroupRows) {
        this.writer = writer;
        this.rowGroupRows = rowGroupRows;
    }

    /**
     * Merges as many of the inputs, from the first on, as fit into the memory together, at least two unless there is one. On
     * failure nothing is left.
     *
     * @throws WeirException {@code data-file-damaged} when an input is not what a data file is; {@code
     *     merge-memory-too-small} when two do not fit; {@code storage-unavailable} when the output cannot be written
     * @throws UncheckedIOException when the thread was interrupted
     */
    public MergeResult merge(MergeJob job) {
        List<String> tagNames = job.schema().columns().stream()
                .filter(column -> column.type() == ColumnType.TAG)
                .map(Column::name)
                .toList();
        List<InputFile> inputs = new ArrayList<>();
        try {
            open(job, tagNames, inputs);
            return new MergeRun(job, tagNames, writer, inputs, rowGroupRows).write();
        } finally {
            close(inputs);
        }
    }

    /** Opens those that fit. */
    private static void open(MergeJob job, List<String> tagNames, List<InputFile> inputs) {
        long bytes = 0;
        for (int i = 0; i < job.inputs().size(); i++) {
            InputFile input = InputFile.open(job.inputs().get(i), i, job.measurement(), job.schema(), tagNames);
            bytes += input.mostBytes();
            if (bytes > job.memoryBytes()) {
                close(List.of(input));
                requireTwo(inputs.size(), bytes, job);
                return;
            }
            inputs.add(input);
        }
    }

    private static void requireTwo(int fitting, long bytes, MergeJob job) {
        if (fitting < 2) {
            throw new WeirException(
                    MergeError.MEMORY_TOO_SMALL,
                    "row groups of " + (fitting + 1) + " data files of measurement \"" + job.measurement() + "\" need "
                            + bytes + " bytes of memory together (expected: at most " + job.memoryBytes() + ")");
        }
    }

    private static void close(List<InputFile> inputs) {
        IOException failure = null;
        for (InputFile input : inputs) {
            try {
                input.close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw new UncheckedIOException("an input of a merge cannot be closed", failure);
        }
    }
}
