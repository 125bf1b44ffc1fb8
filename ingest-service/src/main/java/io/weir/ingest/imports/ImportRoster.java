package io.weir.ingest.imports;

import io.weir.common.model.DatabaseId;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The imports that are known, each as it stands: those that wait or run, and those that have ended and are still listed. Thread-safe. */
final class ImportRoster {

    private final Map<String, Entry> entries = new HashMap<>();

    /** One import; what it is changes, what it is called does not. */
    static final class Entry {
        volatile ImportJob job;
        volatile boolean cancelled;

        Entry(ImportJob job) {
            this.job = job;
        }

        private boolean isKeyed(DatabaseId database, String text) {
            ImportJob now = job;
            return now.key() != null
                    && now.key().text().equals(text)
                    && now.request().databaseId().equals(database);
        }
    }

    synchronized Entry add(ImportJob job) {
        Entry entry = new Entry(job);
        entries.put(job.id(), entry);
        return entry;
    }

    /** Every job as it stands, in no order. */
    synchronized List<ImportJob> jobs() {
        return entries.values().stream().map(entry -> entry.job).toList();
    }

    /** The jobs of an organisation, latest first. */
    List<ImportJob> list(String organisation) {
        return jobs().stream()
                .filter(job -> job.request().organisation().equals(organisation))
                .sorted(Comparator.comparingLong(ImportJob::createdMillis).reversed())
                .toList();
    }

    /** That import, when it is the organisation's. */
    synchronized Optional<Entry> find(String organisation, String id) {
        return Optional.ofNullable(entries.get(id))
                .filter(entry -> entry.job.request().organisation().equals(organisation));
    }

    /** The import whose file came with that key, or null. */
    synchronized @Nullable Entry keyed(DatabaseId database, String text) {
        return entries.values().stream()
                .filter(entry -> entry.isKeyed(database, text))
                .findFirst()
                .orElse(null);
    }

    /** Takes out the jobs that ended before then, and all but the {@code most} that ended last. @return their ids */
    synchronized List<String> removeOld(long endedBeforeMillis, int most) {
        List<ImportJob> ended = jobs().stream()
                .filter(job -> job.state().isFinished())
                .sorted(Comparator.comparingLong(ImportJob::finishedMillis).reversed())
                .toList();
        List<String> old = IntStream.range(0, ended.size())
                .filter(i -> i >= most || ended.get(i).finishedMillis() < endedBeforeMillis)
                .mapToObj(i -> ended.get(i).id())
                .toList();
        old.forEach(id -> Objects.requireNonNull(entries.remove(id), id));
        return old;
    }
}
