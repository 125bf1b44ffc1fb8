package io.weir.storage.object;

import java.nio.file.Path;

/** A local file that is kept until this is closed. Closing never blocks or fails, and again does nothing. */
public interface PinnedFile extends AutoCloseable {

    /** Absolute path. */
    Path path();

    @Override
    void close();
}
