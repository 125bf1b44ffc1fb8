package io.weir.ingest.compaction.run;

import io.weir.storage.object.PinnedFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Local files of a merge's inputs, let go together. Thread-safe: a file that comes after they were let go is let go at once. */
final class Pins {

    private final List<PinnedFile> files = new ArrayList<>();
    private boolean closed;

    synchronized void add(PinnedFile file) {
        if (closed) {
            file.close();
        } else {
            files.add(file);
        }
    }

    synchronized Path path(int index) {
        return files.get(index).path();
    }

    synchronized void close() {
        closed = true;
        files.forEach(PinnedFile::close);
        files.clear();
    }
}
