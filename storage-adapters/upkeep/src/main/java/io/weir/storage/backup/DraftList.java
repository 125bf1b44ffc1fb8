package io.weir.storage.backup;

import io.weir.common.error.WeirException;
import io.weir.storage.catalog.CatalogContents;
import io.weir.storage.catalog.CatalogError;
import io.weir.storage.catalog.CatalogRow;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * What a catalog knew at one moment, in a file on disk, for it may be long: the lines of a manifest without checksums.
 * Measurements are numbered anew, from 0.
 */
final class DraftList {

    private static final int ROWS_AT_ONCE = 500;
    private static final int LOOKS_FOR_DELETES = 120;
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    private final Path file;
    private final WorkFolder folder;
    private final Map<Long, Long> numbers = new HashMap<>();
    private BackupContents contents = BackupContents.NONE;

    DraftList(WorkFolder folder) {
        this.folder = folder;
        this.file = folder.file("draft");
    }

    /** What is in it. */
    BackupContents contents() {
        return contents;
    }

    /** Takes rows as they are read. Blocks. */
    private final class Intake implements AutoCloseable {

        private final BufferedWriter out;

        Intake() throws IOException {
            out = Files.newBufferedWriter(file);
        }

        void add(List<CatalogRow> rows) throws IOException {
            for (CatalogRow row : rows) {
                CatalogRow numbered = numbered(row);
                contents = contents.and(numbered);
                out.write(ManifestJson.write(numbered));
                out.newLine();
            }
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    private CatalogRow numbered(CatalogRow row) {
        if (row instanceof CatalogRow.OfMeasurement of) {
            long number = numbers.size();
            numbers.put(of.number(), number);
            return new CatalogRow.OfMeasurement(number, of.table(), of.schema(), of.dedup());
        }
        if (row instanceof CatalogRow.OfFile of) {
            Long number = numbers.get(of.measurement());
            if (number == null) {
                throw new IllegalStateException("file " + of.file().objectKey() + " is of no measurement");
            }
            return new CatalogRow.OfFile(number, of.file());
        }
        return row;
    }

    /** The rows that were taken, in their order. */
    Flux<CatalogRow> rows() {
        return Flux.usingWhen(
                        folder.onDisk(() -> Files.newBufferedReader(file)),
                        reader -> Flux.<List<CatalogRow>>generate(sink -> {
                                    List<CatalogRow> some = some(reader);
                                    if (some.isEmpty()) {
                                        sink.complete();
                                    } else {
                                        sink.next(some);
                                    }
                                })
                                .subscribeOn(folder.io()),
                        reader -> folder.write(reader::close))
                .concatMapIterable(rows -> rows, 1);
    }

    private static List<CatalogRow> some(BufferedReader reader) {
        List<CatalogRow> some = new ArrayList<>();
        try {
            String line = reader.readLine();
            while (line != null) {
                some.add(ManifestJson.readRow(line));
                line = some.size() == ROWS_AT_ONCE ? null : reader.readLine();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return some;
    }

    private static boolean isForDeletes(Throwable failure) {
        return failure instanceof WeirException weir && weir.code() == CatalogError.DELETES_PENDING;
    }

    /** Fills it with everything that catalog knows. Waits for files with deleted rows to be rewritten, for some minutes. */
    Mono<Void> fill(CatalogContents catalog) {
        return Mono.usingWhen(
                folder.onDisk(Intake::new),
                intake -> catalog.read(rows -> folder.write(() -> intake.add(rows)))
                        .retryWhen(Retry.fixedDelay(LOOKS_FOR_DELETES, BETWEEN_LOOKS)
                                .filter(DraftList::isForDeletes)
                                .onRetryExhaustedThrow((spec, last) -> last.failure())),
                intake -> folder.write(intake::close));
    }
}
