package io.weir.ingest.imports;

import io.weir.ingest.decode.LineError;
import io.weir.ingest.wal.WriteKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One import as it stands. Immutable.
 *
 * @param id unique, part of its address
 * @param request what is imported
 * @param key mark of the request that sent the file, or null when it had none
 * @param state where it stands
 * @param fileBytes bytes of the file
 * @param progress what is done
 * @param errors the first bad rows
 * @param createdMillis when the file had arrived, milliseconds since 1970; also the time of rows without one
 * @param startedMillis when its first run began, or 0
 * @param finishedMillis when it ended, or 0
 * @param failure why it failed, or null
 */
record ImportJob(
        String id,
        ImportRequest request,
        @Nullable WriteKey key,
        ImportState state,
        long fileBytes,
        ImportProgress progress,
        List<LineError> errors,
        long createdMillis,
        long startedMillis,
        long finishedMillis,
        @Nullable String failure) {

    ImportJob {
        errors = List.copyOf(errors);
    }

    static ImportJob queued(String id, ImportRequest request, @Nullable WriteKey key, long fileBytes, long nowMillis) {
        return new ImportJob(
                id,
                request,
                key,
                ImportState.QUEUED,
                fileBytes,
                ImportProgress.START,
                List.of(),
                nowMillis,
                0,
                0,
                null);
    }

    ImportJob running(long nowMillis) {
        long started = startedMillis == 0 ? nowMillis : startedMillis;
        return new ImportJob(
                id, request, key, ImportState.RUNNING, fileBytes, progress, errors, createdMillis, started, 0, null);
    }

    ImportJob at(ImportProgress now) {
        return new ImportJob(
                id, request, key, state, fileBytes, now, errors, createdMillis, startedMillis, finishedMillis, failure);
    }

    /** With those errors too, as long as there are fewer than {@code most}. */
    ImportJob with(List<LineError> more, int most) {
        List<LineError> all = new ArrayList<>(errors);
        all.addAll(more.subList(0, Math.max(0, Math.min(more.size(), most - errors.size()))));
        return new ImportJob(
                id,
                request,
                key,
                state,
                fileBytes,
                progress,
                all,
                createdMillis,
                startedMillis,
                finishedMillis,
                failure);
    }

    /** Without the errors of lines that will be read again. */
    ImportJob resumed(ImportProgress from) {
        List<LineError> kept = errors.stream()
                .filter(error -> error.lineNumber() < from.line())
                .toList();
        return new ImportJob(
                id, request, key, ImportState.QUEUED, fileBytes, from, kept, createdMillis, startedMillis, 0, null);
    }

    ImportJob finished(ImportState end, @Nullable String why, long nowMillis) {
        return new ImportJob(
                id, request, key, end, fileBytes, progress, errors, createdMillis, startedMillis, nowMillis, why);
    }
}
